import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Chart } from '@/design/Chart';
import { ChartGrid, DEFAULT_POINT_SPACING_S } from '@/design/ChartGrid';
import { LoadFailure } from '@/design/LoadFailure';
import type { RangeSearch, TimeWindow } from '@/lib/range';
import type { Host } from '@/types/domain';
import { chartQuery } from '../api';
import { type ChartPlan, chartPlans, toSeries } from '../metrics';

interface PlanChartProps {
  plan: ChartPlan;
  window: TimeWindow;
  onSelect: (window: TimeWindow) => void;
}

function PlanChart({ plan, window, onSelect }: PlanChartProps) {
  const chart = useQuery(chartQuery(plan.id, plan.lines, window));
  const { data } = chart;
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
      everyS={data?.everyS || DEFAULT_POINT_SPACING_S}
      // Room for the line at the top, and for its label where it has one.
      top={top === undefined ? undefined : top * (topLabel ? 1.12 : 1.03)}
      thresholds={thresholds}
      format={plan.format}
      syncKey="machine"
      onSelect={onSelect}
      failure={chart.isError && <LoadFailure query={chart} name="This chart" />}
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
    <ChartGrid range={range} onRange={onRange}>
      {(shared) => plans.map((plan) => <PlanChart key={plan.id} plan={plan} {...shared} />)}
    </ChartGrid>
  );
}
