import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { onVmEvents, pollEvents } from '@/features/vms';
import { startLive } from '@/lib/live';
import type { ResourceEvent } from '@/types/domain';

/** Which queries an event about something else than a VM makes old. */
const KEYS: Record<string, readonly string[][]> = {
  host: [['catalog'], ['provider']],
  wallet: [['billing']],
  ssh_key: [['ssh-keys']],
};

/** Keeps the query cache in step with the user's world for as long as the console is on screen. */
export function useLive(): void {
  const client = useQueryClient();
  useEffect(() => {
    const onEvents = (events: ResourceEvent[]) => {
      const aboutVms = events.filter((event) => event.resource_type === 'vm');
      if (aboutVms.length) onVmEvents(client, aboutVms);
      const keys = events.flatMap((event) => KEYS[event.resource_type] ?? []);
      // What a VM does moves money, too.
      if (aboutVms.length) keys.push(['billing'], ['catalog']);
      for (const queryKey of new Map(keys.map((key) => [key.join(), key])).values()) {
        void client.invalidateQueries({ queryKey });
      }
    };
    return startLive({ poll: pollEvents, onEvents });
  }, [client]);
}
