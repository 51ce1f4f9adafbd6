import { useState } from 'react';
import { Chart } from '@/design/Chart';
import type { ChartSeries } from '@/design/chart';
import { Section } from '@/design/Page';
import { PositionBar } from '@/design/PositionBar';
import { Sparkbars, Sparkline } from '@/design/Sparkline';
import { TimeRange } from '@/design/TimeRange';
import { formatCount } from '@/lib/quantity';
import { type RangeSearch, windowOf } from '@/lib/range';
import { serverNow } from '@/lib/time';

const MINUTE_MS = 60_000;
const NOW = serverNow();

/** An hour of one point a minute, with ten minutes of silence. */
function wave(label: string, middle: number, swing: number): ChartSeries {
  const points = Array.from({ length: 60 }, (_, minute) => ({
    atMs: NOW - (60 - minute) * MINUTE_MS,
    value: middle + swing * Math.sin(minute / 5 + middle),
  }));
  return { label, points: points.filter((_, minute) => minute < 30 || minute >= 40) };
}

const ONE = [wave('cpu', 40, 30)];
const SIX = Array.from({ length: 6 }, (_, n) => wave(`GPU ${n}`, 20 + n * 10, 8));
const BARS = [3, 0, 5, 8, 2, 9, 4];

/** The chart in each of its states, the small ones, and the range that rules them. */
export function Charts() {
  const [range, setRange] = useState<RangeSearch>({});
  const shown = windowOf({}, NOW);
  const common = { window: shown, everyS: 60, unit: '%', top: 100, format: formatCount, syncKey: 'design' };
  return (
    <div className="mt-4 grid gap-4">
      <Section title="Range and small charts">
        <div className="flex flex-wrap items-end gap-6">
          <TimeRange value={range} onChange={setRange} />
          <Sparkbars values={BARS} label="Earned on seven days" className="h-6 w-32" />
          <Sparkline
            values={[1, 4, 2, null, 6, 5, 8]}
            top={10}
            label="Use over an hour"
            className="h-6 w-32"
          />
          <PositionBar share={0.2} middle={0.5} label="Below the middle" />
          <PositionBar share={1} middle={0.4} label="The highest" />
        </div>
      </Section>
      <div className="grid gap-4 lg:grid-cols-2">
        <Chart {...common} title="One series" series={ONE} thresholds={[{ value: 90, label: 'limit 90' }]} />
        <Chart {...common} title="Six series" series={SIX} />
        <Chart {...common} title="Loading" series={undefined} />
        <Chart {...common} title="Nothing there" series={[{ label: 'cpu', points: [] }]} />
      </div>
    </div>
  );
}
