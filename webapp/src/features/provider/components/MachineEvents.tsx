import { useInfiniteQuery } from '@tanstack/react-query';
import { EventTable } from '@/features/events';
import { machineEventsQuery } from '../api';

export default function MachineEvents({ hostId }: { hostId: string }) {
  return <EventTable query={useInfiniteQuery(machineEventsQuery(hostId))} empty="No events yet." />;
}
