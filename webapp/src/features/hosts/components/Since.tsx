import { Tick } from '@/design/Tick';
import { formatDateTime, formatSpan, secondsSince } from '@/lib/time';

/** "for 14m": how long something has been so. */
export function Since({ at }: { at: string }) {
  return (
    <Tick>
      {(now) => (
        <time dateTime={at} title={`since ${formatDateTime(at)}`} className="whitespace-nowrap">
          for {formatSpan(secondsSince(at, now))}
        </time>
      )}
    </Tick>
  );
}
