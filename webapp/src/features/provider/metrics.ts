/** Which charts a machine has, in which units, and what the API calls their series. */
import type { ChartSeries } from '@/design/chart';
import { formatCount } from '@/lib/quantity';
import type { Device, Host, MetricPoint, MetricType } from '@/types/domain';

export interface MetricSource {
  resource_type: 'host' | 'gpu';
  resource_id: string;
  metric_type: MetricType;
}

export interface ChartLine {
  label: string;
  source: MetricSource;
}

export interface ChartPlan {
  id: string;
  title: string;
  unit: string;
  lines: readonly ChartLine[];
  /** How much of the API's unit one of the chart's is. */
  divisor: number;
  /** Where the axis ends, in the chart's unit. */
  top?: number;
  /** What the top is, for a dashed line there. */
  topLabel?: string;
  format: (value: number) => string;
}

const MIB = 1_024 * 1_024;
const MIB_PER_GIB = 1_024;
const BYTES_PER_MEGABIT = 125_000;

/** Three digits that count, whatever the size. */
export const formatFigure = (value: number): string => {
  const size = Math.abs(value);
  const sign = value < 0 ? '−' : '';
  if (size !== 0 && size < 1) return sign + size.toPrecision(2).replace(/\.?0+$/, '');
  return sign + formatCount(size < 100 ? Math.round(size * 10) / 10 : Math.round(size));
};

const percent = (value: number): string => String(Math.round(value));

/** "GPU 0 · RTX 4090": where there are several, their order in the machine tells them apart. */
export const gpuLabel = (device: Pick<Device, 'model'>, index: number, count: number): string =>
  count > 1 ? `GPU ${index}` : device.model;

function hostPlans(host: Host): ChartPlan[] {
  const line = (label: string, metric_type: MetricType): ChartLine => ({
    label,
    source: { resource_type: 'host', resource_id: host.id, metric_type },
  });
  const plain = { divisor: 1, format: formatFigure };
  const memoryGib = host.memory_mib / MIB_PER_GIB;
  return [
    {
      ...plain,
      id: 'cpu',
      title: 'CPU used',
      unit: '%',
      top: 100,
      format: percent,
      lines: [line('CPU', 'cpu_used_percent')],
    },
    {
      ...plain,
      id: 'load',
      title: 'Load over a minute',
      unit: 'tasks',
      lines: [line('load', 'load_1m')],
    },
    {
      ...plain,
      id: 'memory',
      title: 'Memory used',
      unit: 'GiB',
      divisor: MIB_PER_GIB,
      top: memoryGib,
      topLabel: `installed ${formatFigure(memoryGib)} GiB`,
      lines: [line('memory', 'memory_used_mib')],
    },
    {
      ...plain,
      id: 'disk',
      title: 'Disk used',
      unit: 'GiB',
      top: host.disk_gib,
      topLabel: `size ${formatFigure(host.disk_gib)} GiB`,
      lines: [line('disk', 'disk_used_gib')],
    },
    {
      ...plain,
      id: 'disk-rate',
      title: 'Disk throughput',
      unit: 'MiB/s',
      divisor: MIB,
      lines: [line('read', 'disk_read_bytes_per_s'), line('written', 'disk_write_bytes_per_s')],
    },
    {
      ...plain,
      id: 'network',
      title: 'Network',
      unit: 'Mbps',
      divisor: BYTES_PER_MEGABIT,
      lines: [line('received', 'network_rx_bytes_per_s'), line('sent', 'network_tx_bytes_per_s')],
    },
  ];
}

function gpuPlans(devices: readonly Device[]): ChartPlan[] {
  if (devices.length === 0) return [];
  const lines = (metric_type: MetricType): ChartLine[] =>
    devices.map((device, index) => ({
      label: gpuLabel(device, index, devices.length),
      source: { resource_type: 'gpu', resource_id: device.uuid, metric_type },
    }));
  // one that shares the machine's memory has no size of its own to stand as the top
  const sizes = new Set(devices.flatMap(({ vram_mib }) => (vram_mib === null ? [] : [vram_mib])));
  const vramGib = Math.max(...sizes) / MIB_PER_GIB;
  const plain = { divisor: 1, format: formatFigure };
  return [
    {
      ...plain,
      id: 'gpu-use',
      title: 'GPU used',
      unit: '%',
      top: 100,
      format: percent,
      lines: lines('gpu_used_percent'),
    },
    {
      ...plain,
      id: 'gpu-memory',
      title: 'GPU memory used',
      unit: 'GiB',
      divisor: MIB_PER_GIB,
      ...(sizes.size > 0 && {
        top: vramGib,
        topLabel: `${sizes.size > 1 ? 'largest' : 'installed'} ${formatFigure(vramGib)} GiB`,
      }),
      lines: lines('gpu_memory_used_mib'),
    },
    { ...plain, id: 'gpu-heat', title: 'GPU temperature', unit: '°C', lines: lines('gpu_temperature_c') },
    { ...plain, id: 'gpu-power', title: 'GPU power', unit: 'W', lines: lines('gpu_power_w') },
  ];
}

export const chartPlans = (host: Host): ChartPlan[] => [...hostPlans(host), ...gpuPlans(host.devices)];

/** The API's points as the chart's, in its unit. */
export function toSeries(plan: ChartPlan, label: string, points: readonly MetricPoint[]): ChartSeries {
  return {
    label,
    points: points.map((point) => ({
      atMs: Date.parse(point.captured_at),
      value: point.value / plan.divisor,
      min: point.min / plan.divisor,
      max: point.max / plan.divisor,
    })),
  };
}
