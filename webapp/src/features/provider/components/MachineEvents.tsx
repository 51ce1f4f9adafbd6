import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type Column, DataTable } from '@/design/DataTable';
import { MorePages } from '@/design/MorePages';
import { Section } from '@/design/Page';
import { EmptyState, ErrorNote } from '@/design/states';
import { stateReasonText } from '@/features/hosts';
import { formatDateTime } from '@/lib/time';
import type { ResourceEvent } from '@/types/domain';
import { machineEventsQuery } from '../api';

const none = <span className="text-ink-3">—</span>;

const columns: Column<ResourceEvent>[] = [
  {
    id: 'at',
    header: 'Time',
    className: 'whitespace-nowrap text-ink-2',
    cell: (event) => formatDateTime(event.at),
  },
  { id: 'type', header: 'Event', className: 'font-mono text-xs', cell: (event) => event.type },
  {
    id: 'reason',
    header: 'Reason',
    className: 'max-md:text-right',
    cell: (event) => (event.reason ? stateReasonText(event.reason) : none),
  },
  { id: 'actor', header: 'By', className: 'font-mono text-xs break-all', cell: (event) => event.actor },
  {
    id: 'detail',
    header: 'Detail',
    className: 'text-ink-2 max-md:text-right',
    cell: (event) => event.detail || none,
  },
];

export default function MachineEvents({ hostId }: { hostId: string }) {
  const events = useInfiniteQuery(machineEventsQuery(hostId));
  const rows = useMemo(() => events.data?.pages.flatMap((page) => page.items), [events.data]);
  return (
    <Section title="Events" flush aside={<span className="text-xs text-ink-3">what changed, and why</span>}>
      {events.isError && (
        <ErrorNote
          className="m-3"
          what={rows ? 'The events could not be updated.' : 'The events did not load.'}
          error={events.error}
          onRetry={() => void events.refetch()}
        />
      )}
      {(rows || !events.isError) && (
        <DataTable
          label="Events"
          columns={columns}
          rows={rows}
          rowKey={(event) => event.id}
          empty={<EmptyState>Nothing has happened to this machine yet.</EmptyState>}
        />
      )}
      <MorePages list={events} label="Show older events" />
    </Section>
  );
}
