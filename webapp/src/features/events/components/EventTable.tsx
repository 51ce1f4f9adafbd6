import type { InfiniteData } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Column } from '@/design/DataTable';
import type { Loadable } from '@/design/LoadFailure';
import type { PageQuery } from '@/design/MorePages';
import { Section } from '@/design/Page';
import { PagedTable } from '@/design/PagedTable';
import { EmptyState, noValue } from '@/design/states';
import { useSession } from '@/lib/hooks';
import { useItems } from '@/lib/pages';
import { formatDateTime } from '@/lib/time';
import type { ResourceEvent } from '@/types/domain';
import { actorText, eventLabel, eventText, reasonLabel } from '../model';

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
    cell: (event) => eventText(event) || noValue,
  },
];

interface EventTableProps {
  query: Loadable & PageQuery & { data: InfiniteData<{ items: ResourceEvent[] }> | undefined };
  empty: string;
}

/** The events of one resource, newest first. */
export function EventTable({ query, empty }: EventTableProps) {
  const session = useSession();
  const userId = session.status === 'signed-in' ? session.user.id : undefined;
  const columns = useMemo(() => columnsFor(userId), [userId]);
  return (
    <Section title="Events" flush aside={<span className="text-xs text-ink-3">newest first</span>}>
      <PagedTable
        query={query}
        name="The events"
        more="Show older events"
        label="Events"
        columns={columns}
        rows={useItems(query)}
        rowKey={(event) => event.id}
        empty={<EmptyState>{empty}</EmptyState>}
      />
    </Section>
  );
}
