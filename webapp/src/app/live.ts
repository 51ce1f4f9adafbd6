import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { onVmEvents, pollEvents } from '@/features/vms';
import { startLive } from '@/lib/live';
import type { EventResource, ResourceEvent } from '@/types/domain';

/** Which queries an event makes old, besides those of the VM that it is about. */
const KEYS: Partial<Record<EventResource, readonly string[][]>> = {
  host: [['catalog'], ['provider']],
  gpu: [['provider']],
  provider: [['provider']],
};

// what a workload does moves money, too, whatever its kind
const WORKLOAD_KEYS = [['billing'], ['catalog']];

/** Keeps the query cache in step with the user's world for as long as the console is on screen. */
export function useLive(): void {
  const client = useQueryClient();
  useEffect(() => {
    const onEvents = (events: ResourceEvent[]) => {
      const aboutVms = events.filter((event) => event.resource_type === 'vm');
      if (aboutVms.length) onVmEvents(client, aboutVms);
      const keys = events.flatMap((event) => KEYS[event.resource_type] ?? WORKLOAD_KEYS);
      for (const queryKey of new Map(keys.map((key) => [key.join(), key])).values()) {
        void client.invalidateQueries({ queryKey });
      }
    };
    return startLive({ poll: pollEvents, onEvents });
  }, [client]);
}
