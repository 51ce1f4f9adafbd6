/**
 * One short poll for what changed in the user's resources. A socket may take its place later behind the same interface.
 */
import type { ResourceEvent } from '@/types/domain';
import { nextDelayMs, onPollFast } from './polling';
import { serverNow } from './time';

const FIRST_LOOK_BACK_MS = 5_000;
const REMEMBERED = 1_000;

export interface Feed {
  items: ResourceEvent[];
  cursor: string;
}

export interface LiveSource {
  poll: (after: string | null, signal: AbortSignal) => Promise<Feed>;
  onEvents: (events: ResourceEvent[]) => void;
}

/** Delivery is at least once: the last seconds are told again, so what was handed on before is dropped here. */
function createMemory() {
  let known = new Set<string>();
  return {
    unknown(events: ResourceEvent[]): ResourceEvent[] {
      const fresh = events.filter((event) => !known.has(event.id));
      known = new Set([...known, ...fresh.map((event) => event.id)].slice(-REMEMBERED));
      return fresh;
    },
  };
}

/** Start polling; returns the function that stops it. Pauses while the page is hidden and polls at once when it shows. */
export function startLive({ poll, onEvents }: LiveSource): () => void {
  const abort = new AbortController();
  const since = serverNow() - FIRST_LOOK_BACK_MS;
  const seen = createMemory();
  let cursor: string | null = null;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let busy = false;

  const schedule = () => {
    clearTimeout(timer);
    if (!abort.signal.aborted && !document.hidden) timer = setTimeout(run, nextDelayMs(failures));
  };
  async function run(): Promise<void> {
    if (busy) return;
    busy = true;
    clearTimeout(timer);
    try {
      const feed = await poll(cursor, abort.signal);
      failures = 0;
      // The first answer may hold history; only what the page's own queries can have missed matters.
      const news = cursor === null ? feed.items.filter((e) => Date.parse(e.at) >= since) : feed.items;
      cursor = feed.cursor;
      const fresh = seen.unknown(news);
      if (fresh.length && !abort.signal.aborted) onEvents(fresh);
    } catch {
      failures += 1;
    } finally {
      busy = false;
      schedule();
    }
  }
  const onVisibility = () => (document.hidden ? clearTimeout(timer) : void run());

  document.addEventListener('visibilitychange', onVisibility);
  const stopListening = onPollFast(() => {
    if (!busy) schedule();
  });
  if (!document.hidden) void run();
  return () => {
    abort.abort();
    clearTimeout(timer);
    stopListening();
    document.removeEventListener('visibilitychange', onVisibility);
  };
}
