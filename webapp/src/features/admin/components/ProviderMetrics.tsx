import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Chart } from '@/design/Chart';
import { ChartGrid, DEFAULT_POINT_SPACING_S } from '@/design/ChartGrid';
import { LoadFailure } from '@/design/LoadFailure';
import { formatCount } from '@/lib/quantity';
import type { RangeSearch, TimeWindow } from '@/lib/range';
import { providerMetricQuery } from '../api';
import { GPU_PLANS, METRIC_PLANS, type MetricPlan } from '../model';

const figure = (value: number) =>
  formatCount(Math.abs(value) < 100 ? Math.round(value * 10) / 10 : Math.round(value));

interface PlanChartProps {
  providerId: string;
  plan: MetricPlan;
  window: TimeWindow;
  onSelect: (window: TimeWindow) => void;
}

function PlanChart({ providerId, plan, window, onSelect }: PlanChartProps) {
  const chart = useQuery(providerMetricQuery(providerId, plan.metric, window));
  const { data } = chart;
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
      everyS={data?.resolution_s || DEFAULT_POINT_SPACING_S}
      top={plan.top}
      format={figure}
      syncKey="provider"
      onSelect={onSelect}
      failure={chart.isError && <LoadFailure query={chart} name="This chart" />}
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
  return (
    <ChartGrid range={range} onRange={onRange}>
      {(shared) =>
        [...METRIC_PLANS, ...(hasGpus ? GPU_PLANS : [])].map((plan) => (
          <PlanChart key={plan.metric} providerId={providerId} plan={plan} {...shared} />
        ))
      }
    </ChartGrid>
  );
}
