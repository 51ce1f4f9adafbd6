import { Link } from '@tanstack/react-router';
import type { Column } from '@/design/DataTable';
import { ShareCell } from '@/design/ShareCell';
import { noValue } from '@/design/states';
import { Heartbeat, HostStatus, Reliability, reliabilityOrder } from '@/features/hosts';
import { formatMicros, toNanos } from '@/lib/money';
import { formatMib } from '@/lib/quantity';
import { serverNow } from '@/lib/time';
import type { Host } from '@/types/domain';
import type { PriceComparison } from '../market';
import { gpuUse, vcpuUse, whyNotRented } from '../model';
import { PriceComparisonCell } from './PriceComparison';

/** What the table knows of a machine beyond its own record; undefined where the server has not said it. */
export interface MachineRow {
  host: Host;
  comparison: PriceComparison | undefined;
  earnedMicros: number | undefined;
}

function Rented({ what, used, total }: { what: string; used: number; total: number }) {
  if (total === 0) return noValue;
  return <ShareCell value={used} total={total} label={`${what}: ${used} of ${total} rented`} />;
}

export const machineColumns: Column<MachineRow>[] = [
  {
    id: 'status',
    header: 'Status',
    bare: true,
    sortBy: ({ host }) => host.state,
    cell: ({ host, comparison }) => {
      const why = whyNotRented(host, comparison);
      return (
        <span className="grid justify-items-start gap-0.5">
          <HostStatus host={host} />
          {why && <span className="max-w-52 text-2xs text-ink-3">{why}</span>}
        </span>
      );
    },
  },
  {
    id: 'host',
    header: 'Host',
    bare: true,
    sortBy: ({ host }) => host.name,
    cell: ({ host }) => (
      <span className="grid">
        <Link
          to="/provider/machines/$hostId"
          params={{ hostId: host.id }}
          className="font-medium break-all underline-offset-2 hover:underline max-md:text-base"
        >
          {host.name}
        </Link>
        <span className="max-w-64 truncate text-2xs text-ink-3" title={host.cpu_model}>
          {host.region} · {formatMib(host.memory_mib)} · {host.cpu_model}
        </span>
      </span>
    ),
  },
  {
    id: 'gpus',
    header: 'GPUs used',
    sortBy: ({ host }) => gpuUse(host).used,
    cell: ({ host }) => <Rented what="GPUs" {...gpuUse(host)} />,
  },
  {
    id: 'vcpus',
    header: 'vCPUs used',
    sortBy: ({ host }) => vcpuUse(host).used,
    cell: ({ host }) => <Rented what="vCPUs" {...vcpuUse(host)} />,
  },
  {
    id: 'price',
    header: 'Price vs market',
    sortBy: ({ comparison }) => comparison?.percent ?? 0,
    cell: ({ comparison }) => (
      <PriceComparisonCell comparison={comparison} className="max-md:justify-items-end" />
    ),
  },
  {
    id: 'reliability',
    header: 'Reliability',
    align: 'right',
    sortBy: ({ host }) => reliabilityOrder(host, serverNow()),
    cell: ({ host }) => <Reliability host={host} className="justify-items-end" />,
  },
  {
    id: 'heartbeat',
    header: 'Last heartbeat',
    align: 'right',
    sortBy: ({ host }) => -(Date.parse(host.last_heartbeat_at ?? '') || 0),
    cell: ({ host }) => <Heartbeat at={host.last_heartbeat_at} />,
  },
  {
    id: 'earned',
    header: 'Earned 30d',
    align: 'right',
    sortBy: ({ earnedMicros }) => earnedMicros ?? -1,
    nanos: ({ earnedMicros }) => (earnedMicros === undefined ? null : toNanos(earnedMicros)),
    cell: ({ earnedMicros }, places) =>
      earnedMicros === undefined ? (
        noValue
      ) : (
        <b className="font-semibold">{formatMicros(earnedMicros, places)}</b>
      ),
  },
];
