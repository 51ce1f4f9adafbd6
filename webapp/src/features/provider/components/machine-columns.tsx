import type { Column } from '@/design/DataTable';
import { CapacityCell, Heartbeat, HostStatus, LiveUse, UnitPrices } from '@/features/hosts';
import { formatMib, toGib } from '@/lib/quantity';
import type { Host } from '@/types/domain';
import { whyUnavailable } from '../model';

/** Why nothing is rented there, for its owner. */
function Why({ host }: { host: Host }) {
  const reason = whyUnavailable(host);
  return reason ? <span className="max-w-56 text-xs text-ink-3 md:text-right">{reason}</span> : null;
}

export const machineColumns: Column<Host>[] = [
  {
    id: 'status',
    header: 'Status',
    bare: true,
    sortBy: (host) => host.state,
    cell: (host) => <HostStatus host={host} />,
  },
  {
    id: 'host',
    header: 'Machine',
    bare: true,
    sortBy: (host) => host.name,
    cell: (host) => (
      <span className="grid">
        <b className="font-semibold break-all max-md:text-base">{host.name}</b>
        <span className="text-xs text-ink-3">
          {host.region} · agent {host.agent_version}
        </span>
      </span>
    ),
  },
  {
    id: 'system',
    header: 'System',
    sortBy: (host) => host.cpu_model,
    cell: (host) => (
      <span className="grid max-w-64 max-md:max-w-none max-md:text-right">
        <span className="truncate max-md:whitespace-normal" title={host.cpu_model}>
          {host.cpu_model}
        </span>
        <span
          className="truncate text-xs text-ink-3 max-md:whitespace-normal"
          title={`${host.os} · ${host.kernel}`}
        >
          {host.vcpus} threads · {formatMib(host.memory_mib)} · {host.os}
        </span>
      </span>
    ),
  },
  {
    id: 'vcpus',
    header: 'vCPU free',
    sortBy: (host) => host.free.vcpus,
    cell: (host) => <CapacityCell what="vCPU" free={host.free.vcpus} total={host.sellable.vcpus} />,
  },
  {
    id: 'memory',
    header: 'Memory free',
    sortBy: (host) => host.free.memory_mib,
    cell: (host) => (
      <CapacityCell
        what="Memory"
        free={toGib(host.free.memory_mib)}
        total={toGib(host.sellable.memory_mib)}
        unit="GiB"
      />
    ),
  },
  {
    id: 'disk',
    header: 'Disk free',
    sortBy: (host) => host.free.disk_gib,
    cell: (host) => (
      <CapacityCell what="Disk" free={host.free.disk_gib} total={host.sellable.disk_gib} unit="GiB" />
    ),
  },
  { id: 'use', header: 'In use now', fromPx: 1200, cell: (host) => <LiveUse figures={host.figures} /> },
  {
    id: 'prices',
    header: 'Prices per hour',
    fromPx: 1200,
    align: 'right',
    cell: (host) => <UnitPrices prices={host.prices} />,
  },
  {
    id: 'heartbeat',
    header: 'Heartbeat',
    align: 'right',
    sortBy: (host) => -(Date.parse(host.last_heartbeat_at ?? '') || 0),
    cell: (host) => (
      <span className="grid justify-items-end">
        <Heartbeat at={host.last_heartbeat_at} />
        <Why host={host} />
      </span>
    ),
  },
];
