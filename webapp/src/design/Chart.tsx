import { ChartLine, Table } from 'lucide-react';
import { type ReactNode, Suspense, useMemo, useState } from 'react';
import { lazyPart } from '@/lib/lazy-part';
import type { TimeWindow } from '@/lib/range';
import { formatAge, formatClock, formatDateTime } from '@/lib/time';
import { Button } from './Button';
import {
  type ChartSeries,
  foldOthers,
  gapMs,
  lastAtMs,
  type PlotData,
  plotData,
  summarise,
  type Threshold,
} from './chart';
import { Section } from './Page';
import { Skeleton } from './states';
import { Tick } from './Tick';

const ChartPlot = lazyPart(() => import('./ChartPlot'));

const PLOT_HEIGHT = 'h-[168px]';
/** Points come in batches, about one a minute, and each takes its way through a queue. */
const SLACK_S = 75;
const NO_THRESHOLDS: readonly Threshold[] = [];

interface ChartProps {
  /** What is shown, without its unit. */
  title: string;
  unit: string;
  /** Undefined while it loads. */
  series: readonly ChartSeries[] | undefined;
  window: TimeWindow;
  /** How far apart points are when nothing is missing. */
  everyS: number;
  top?: number | undefined;
  thresholds?: readonly Threshold[];
  /** A value without its unit. */
  format: (value: number) => string;
  /** Why the newest data is not here; the last good data stays. */
  failure?: ReactNode;
  syncKey?: string;
  /** Called with the span that was dragged over. */
  onSelect?: (window: TimeWindow) => void;
}

/** How old the newest point is: amber when those after it, as far as the window reaches, are overdue by more than one. */
function LastPoint({ atMs, toMs, everyS }: { atMs: number; toMs: number; everyS: number }) {
  if (!atMs) return null;
  return (
    <Tick>
      {(now) => {
        const age = (now - atMs) / 1_000;
        const overdue = Math.min(now, toMs) - atMs > (2 * everyS + SLACK_S) * 1_000;
        return (
          <time
            dateTime={new Date(atMs).toISOString()}
            title={formatDateTime(atMs)}
            className={`text-xs whitespace-nowrap ${overdue ? 'text-warn' : 'text-ink-3'}`}
          >
            last point {formatAge(age)}
          </time>
        );
      }}
    </Tick>
  );
}

interface ReadoutProps {
  data: PlotData;
  labels: readonly string[];
  index: number | null;
  show: (value: number) => string;
}

/** The values under the cursor, or the last ones. Not a live region: it follows the pointer. */
function Readout({ data, labels, index, show }: ReadoutProps) {
  const [times, ...columns] = data;
  const at = times[index ?? times.length - 1];
  const value = (column: PlotData[number] | undefined) =>
    index === null ? column?.findLast((one) => one != null) : column?.[index];
  return (
    <p aria-hidden className="flex min-h-4 flex-wrap gap-x-3 text-xs text-ink-2">
      {at !== undefined && index !== null && <span className="text-ink-3">{formatClock(at * 1_000)}</span>}
      {labels.map((label, nth) => {
        const now = value(columns[nth]);
        return (
          <span key={label} className="inline-flex items-center gap-1.5">
            <span className="h-0.5 w-3 rounded-full" style={{ background: `var(--chart-${nth + 1})` }} />
            {labels.length > 1 && <span className="text-ink-3">{label}</span>}
            <b className="font-semibold text-ink">{now == null ? '—' : show(now)}</b>
          </span>
        );
      })}
    </p>
  );
}

interface TwinProps {
  title: string;
  unit: string;
  data: PlotData;
  labels: readonly string[];
  format: (value: number) => string;
}

/** The same figures as a table, newest first. */
function Twin({ title, unit, data, labels, format }: TwinProps) {
  const [times, ...columns] = data;
  const rows = times
    .map((seconds, index) => ({ seconds, values: columns.map((column) => column[index]) }))
    .filter(({ values }) => values.some((value) => value != null))
    .reverse();
  return (
    <section
      aria-label={`${title}, table, scrollable`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="max-h-48 overflow-auto"
    >
      <table className="w-full text-xs">
        <caption className="sr-only">{`${title}, ${unit}`}</caption>
        <thead className="sticky top-0 bg-surface text-left text-ink-2">
          <tr>
            <th scope="col" className="py-1 pr-3 font-medium">
              Time
            </th>
            {labels.map((label) => (
              <th key={label} scope="col" className="py-1 pl-3 text-right font-medium">
                {labels.length > 1 ? `${label}, ${unit}` : unit}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ seconds, values }) => (
            <tr key={seconds} className="border-t">
              <td className="py-1 pr-3 whitespace-nowrap">{formatDateTime(seconds * 1_000)}</td>
              {labels.map((label, nth) => {
                const value = values[nth];
                return (
                  <td key={label} className="py-1 pl-3 text-right">
                    {value == null ? '—' : format(value)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** A time series: its unit, its last point's age, a sentence that says it, and the same as a table. */
export function Chart(props: ChartProps) {
  const { title, unit, window: shown, everyS, format, failure, thresholds = NO_THRESHOLDS } = props;
  const [asTable, setAsTable] = useState(false);
  const [cursor, setCursor] = useState<number | null>(null);
  const series = useMemo(() => props.series && foldOthers(props.series), [props.series]);
  const data = useMemo(() => series && plotData(series, gapMs(everyS)), [series, everyS]);
  const labels = useMemo(() => series?.map(({ label }) => label) ?? [], [series]);
  const show = (value: number) => `${format(value)} ${unit}`;
  const empty = series?.every(({ points }) => points.length === 0);
  return (
    <Section
      title={`${title}, ${unit}`}
      aside={
        <span className="flex items-center gap-2">
          {series && <LastPoint atMs={lastAtMs(series)} toMs={shown.toMs} everyS={everyS} />}
          <Button
            tone="ghost"
            size="sm"
            aria-label={`View ${title} as ${asTable ? 'chart' : 'table'}`}
            disabled={!series || empty}
            onClick={() => setAsTable(!asTable)}
          >
            {asTable ? <ChartLine aria-hidden size={14} /> : <Table aria-hidden size={14} />}
            <span className="max-sm:sr-only">{asTable ? 'Chart' : 'Table'}</span>
          </Button>
        </span>
      }
    >
      <div className="grid gap-1.5">
        {failure}
        {!series && !failure && <Skeleton className={`mt-5 ${PLOT_HEIGHT}`} />}
        {series && empty && (
          <p className={`grid ${PLOT_HEIGHT} place-items-center text-ink-3`}>No data in this period.</p>
        )}
        {series && data && !empty && (
          <>
            <p className="sr-only">{summarise(title, series, gapMs(everyS), show)}</p>
            {asTable ? (
              <Twin title={title} unit={unit} data={data} labels={labels} format={format} />
            ) : (
              <>
                <Readout data={data} labels={labels} index={cursor} show={show} />
                <Suspense fallback={<Skeleton className={PLOT_HEIGHT} />}>
                  <ChartPlot
                    data={data}
                    labels={labels}
                    window={shown}
                    top={props.top}
                    thresholds={thresholds}
                    tick={format}
                    syncKey={props.syncKey}
                    onCursor={setCursor}
                    onSelect={props.onSelect}
                  />
                </Suspense>
              </>
            )}
          </>
        )}
      </div>
    </Section>
  );
}
