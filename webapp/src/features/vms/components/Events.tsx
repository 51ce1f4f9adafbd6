import { useInfiniteQuery } from '@tanstack/react-query';
import { EventTable } from '@/features/events';
import { vmEventsQuery } from '../api';

export default function Events({ vmId }: { vmId: string }) {
  return <EventTable query={useInfiniteQuery(vmEventsQuery(vmId))} empty="No events yet." />;
}
