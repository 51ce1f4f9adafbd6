import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { MorePages } from '@/design/MorePages';
import { Section } from '@/design/Page';
import { ErrorNote } from '@/design/states';
import { EventTable } from '@/features/events';
import { machineEventsQuery } from '../api';

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
        <EventTable
          rows={rows}
          hasMore={events.hasNextPage}
          empty="Nothing has happened to this machine yet."
        />
      )}
      <MorePages list={events} label="Show older events" />
    </Section>
  );
}
