import { useMemo } from 'react';
import { type Column, DataTable } from '@/design/DataTable';
import { EmptyState } from '@/design/states';
import { useSession } from '@/lib/hooks';
import { formatDateTime } from '@/lib/time';
import type { ResourceEvent } from '@/types/domain';
import { actorText, eventLabel, eventText, reasonLabel } from '../model';

const none = <span className="text-ink-3">—</span>;

const columnsFor = (userId: string | undefined): Column<ResourceEvent>[] => [
  {
    id: 'at',
    header: 'Time',
    className: 'whitespace-nowrap text-ink-2',
    cell: (event) => formatDateTime(event.at),
  },
  {
    id: 'type',
    header: 'Event',
    className: 'font-medium',
    cell: (event) => <span title={event.type}>{eventLabel(event.type)}</span>,
  },
  {
    id: 'reason',
    header: 'Reason',
    className: 'max-md:text-right',
    cell: (event) => reasonLabel(event.reason),
  },
  {
    id: 'actor',
    header: 'By',
    cell: (event) => <span title={event.actor}>{actorText(event.actor, userId)}</span>,
  },
  {
    id: 'detail',
    header: 'Detail',
    className: 'text-ink-2 max-md:text-right',
    cell: (event) => eventText(event) || none,
  },
];

interface EventTableProps {
  rows: ResourceEvent[] | undefined;
  /** There are events that are not here yet. */
  hasMore: boolean;
  empty: string;
}

export function EventTable({ rows, hasMore, empty }: EventTableProps) {
  const session = useSession();
  const userId = session.status === 'signed-in' ? session.user.id : undefined;
  const columns = useMemo(() => columnsFor(userId), [userId]);
  return (
    <DataTable
      label="Events"
      columns={columns}
      rows={rows}
      rowKey={(event) => event.id}
      hasMore={hasMore}
      empty={<EmptyState>{empty}</EmptyState>}
    />
  );
}
