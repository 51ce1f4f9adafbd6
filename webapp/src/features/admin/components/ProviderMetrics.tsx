import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Chart } from '@/design/Chart';
import { ErrorNote } from '@/design/states';
import { TimeRange } from '@/design/TimeRange';
import { useStepNow } from '@/lib/hooks';
import { formatCount } from '@/lib/quantity';
import { type RangeSearch, stepMs, type TimeWindow, windowOf } from '@/lib/range';
import { formatDateTime } from '@/lib/time';
import { providerMetricQuery } from '../api';
import { GPU_PLANS, METRIC_PLANS, type MetricPlan } from '../model';

/** How far apart points are as long as the server has not said it. */
const USUAL_EVERY_S = 60;

const figure = (value: number) =>
  formatCount(Math.abs(value) < 100 ? Math.round(value * 10) / 10 : Math.round(value));

interface PlanChartProps {
  providerId: string;
  plan: MetricPlan;
  window: TimeWindow;
  onSelect: (window: TimeWindow) => void;
}

function PlanChart({ providerId, plan, window, onSelect }: PlanChartProps) {
  const { data, error, refetch } = useQuery(providerMetricQuery(providerId, plan.metric, window));
  const series = useMemo(
    () =>
      data && [
        {
          label: plan.title,
          points: data.items.map((point) => ({
            atMs: Date.parse(point.captured_at),
            value: point.value / plan.divisor,
            min: point.min / plan.divisor,
            max: point.max / plan.divisor,
          })),
        },
      ],
    [data, plan],
  );
  return (
    <Chart
      title={plan.title}
      unit={plan.unit}
      series={series}
      window={window}
      everyS={data?.resolution_s || USUAL_EVERY_S}
      top={plan.top}
      format={figure}
      syncKey="provider"
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

interface ProviderMetricsProps {
  providerId: string;
  hasGpus: boolean;
  range: RangeSearch;
  onRange: (range: RangeSearch) => void;
}

/** What all of a provider's machines measure together, over one span of time. */
export default function ProviderMetrics({ providerId, hasGpus, range, onRange }: ProviderMetricsProps) {
  const now = useStepNow(stepMs(range));
  const { range: named, from, to } = range;
  const window = useMemo(() => windowOf({ range: named, from, to }, now), [named, from, to, now]);
  return (
    <div className="grid gap-4">
      <div className="flex flex-wrap items-end justify-between gap-3">
        <TimeRange value={range} onChange={onRange} />
        <p className="text-xs text-ink-3">
          {formatDateTime(window.fromMs)} – {formatDateTime(window.toMs)}
        </p>
      </div>
      <div className="grid gap-4 lg:grid-cols-2">
        {[...METRIC_PLANS, ...(hasGpus ? GPU_PLANS : [])].map((plan) => (
          <PlanChart
            key={plan.metric}
            providerId={providerId}
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
