import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Chart } from '@/design/Chart';
import { ErrorNote } from '@/design/states';
import { TimeRange } from '@/design/TimeRange';
import { useStepNow } from '@/lib/hooks';
import { type RangeSearch, stepMs, type TimeWindow, windowOf } from '@/lib/range';
import { formatDateTime } from '@/lib/time';
import type { Host } from '@/types/domain';
import { chartQuery } from '../api';
import { type ChartPlan, chartPlans, toSeries } from '../metrics';

/** How far apart points are as long as the server has not said it. */
const USUAL_EVERY_S = 60;

interface PlanChartProps {
  plan: ChartPlan;
  window: TimeWindow;
  onSelect: (window: TimeWindow) => void;
}

function PlanChart({ plan, window, onSelect }: PlanChartProps) {
  const { data, error, refetch } = useQuery(chartQuery(plan.id, plan.lines, window));
  const series = useMemo(
    () => data && plan.lines.map(({ label }, index) => toSeries(plan, label, data.lines[index] ?? [])),
    [data, plan],
  );
  const { top, topLabel } = plan;
  const thresholds = useMemo(
    () => (top !== undefined && topLabel ? [{ value: top, label: topLabel }] : []),
    [top, topLabel],
  );
  return (
    <Chart
      title={plan.title}
      unit={plan.unit}
      series={series}
      window={window}
      everyS={data?.everyS || USUAL_EVERY_S}
      // Room for the line at the top, and for its label where it has one.
      top={top === undefined ? undefined : top * (topLabel ? 1.12 : 1.03)}
      thresholds={thresholds}
      format={plan.format}
      syncKey="machine"
      onSelect={onSelect}
      failure={
        error && (
          <ErrorNote
            what={data ? 'This chart could not be updated.' : 'This chart did not load.'}
            error={error}
            onRetry={() => void refetch()}
          />
        )
      }
    />
  );
}

interface MetricsProps {
  host: Host;
  range: RangeSearch;
  onRange: (range: RangeSearch) => void;
}

/** All that the machine measures, over one span of time. */
export default function Metrics({ host, range, onRange }: MetricsProps) {
  const now = useStepNow(stepMs(range));
  const { range: named, from, to } = range;
  const window = useMemo(() => windowOf({ range: named, from, to }, now), [named, from, to, now]);
  // Only what changes a chart makes its plan anew: the machine's record changes with every heartbeat.
  const shape = JSON.stringify([
    host.id,
    host.memory_mib,
    host.disk_gib,
    host.devices.map(({ uuid }) => uuid),
  ]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const plans = useMemo(() => chartPlans(host), [shape]);
  return (
    <div className="grid gap-4">
      <div className="flex flex-wrap items-end justify-between gap-3">
        <TimeRange value={range} onChange={onRange} />
        <p className="text-xs text-ink-3">
          {formatDateTime(window.fromMs)} – {formatDateTime(window.toMs)}
        </p>
      </div>
      <div className="grid gap-4 lg:grid-cols-2">
        {plans.map((plan) => (
          <PlanChart
            key={plan.id}
            plan={plan}
            window={window}
            onSelect={({ fromMs, toMs }) =>
              onRange({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() })
            }
          />
        ))}
      </div>
    </div>
  );
}
