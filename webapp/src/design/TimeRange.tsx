import { useId, useState } from 'react';
import { isCustom, RANGES, type Range, type RangeSearch, windowOf } from '@/lib/range';
import { serverNow } from '@/lib/time';
import { fromWallTime, toWallTime } from '@/lib/wall-time';
import { Button } from './Button';
import { TextField } from './Field';
import { Segmented } from './Segmented';

type Choice = Range | 'custom';

const OPTIONS: readonly { value: Choice; label: string }[] = [
  ...RANGES.map((range) => ({ value: range, label: range })),
  { value: 'custom', label: 'Custom' },
];

interface TimeRangeProps {
  value: RangeSearch;
  onChange: (range: RangeSearch) => void;
}

function CustomRange({ value, onChange }: TimeRangeProps) {
  const id = useId();
  const now = windowOf(value, serverNow());
  const [from, setFrom] = useState(() => toWallTime(now.fromMs));
  const [to, setTo] = useState(() => toWallTime(now.toMs));
  const fromMs = fromWallTime(from);
  const toMs = fromWallTime(to);
  const wrong = fromMs === null || toMs === null || fromMs >= toMs;
  return (
    <form
      aria-label="Custom range"
      className="flex flex-wrap items-end gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (fromMs === null || toMs === null || wrong) return;
        onChange({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() });
      }}
    >
      <TextField
        label="From"
        type="datetime-local"
        value={from}
        onChange={(event) => setFrom(event.target.value)}
      />
      <TextField
        label="To"
        type="datetime-local"
        value={to}
        onChange={(event) => setTo(event.target.value)}
      />
      <Button type="submit" disabled={wrong} aria-describedby={wrong ? id : undefined}>
        Show
      </Button>
      {wrong && (
        <p id={id} className="basis-full text-xs text-bad">
          The start must be before the end.
        </p>
      )}
    </form>
  );
}

/** One span of time for a whole page, kept in its URL. */
export function TimeRange({ value, onChange }: TimeRangeProps) {
  const custom = isCustom(value);
  const [asking, setAsking] = useState(false);
  const open = custom || asking;
  return (
    <div className="flex flex-wrap items-end gap-2">
      <Segmented<Choice>
        label="Time range"
        value={open ? 'custom' : (value.range ?? '1h')}
        options={OPTIONS}
        onChange={(choice) => {
          setAsking(choice === 'custom');
          if (choice !== 'custom') onChange(choice === '1h' ? {} : { range: choice });
        }}
      />
      {open && <CustomRange key={`${value.from} ${value.to}`} value={value} onChange={onChange} />}
    </div>
  );
}
