import { Tick } from '@/design/Tick';
import { formatAge, formatDateTime, secondsSince } from '@/lib/time';
import { freshness } from '../model';

const STYLE = { fresh: 'text-ink-2', stale: 'text-warn', expired: 'text-bad' };

/** How long ago a host was last heard. */
export function Heartbeat({ at }: { at: string | null | undefined }) {
  if (!at) return <span className="text-ink-3">never</span>;
  return (
    <Tick>
      {(now) => (
        <time
          dateTime={at}
          title={formatDateTime(at)}
          className={`whitespace-nowrap ${STYLE[freshness(at, now)]}`}
        >
          {formatAge(secondsSince(at, now))}
        </time>
      )}
    </Tick>
  );
}
