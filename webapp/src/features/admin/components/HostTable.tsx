import type { Column } from '@/design/DataTable';
import { DataTable } from '@/design/DataTable';
import { Section } from '@/design/Page';
import { EmptyState, noValue } from '@/design/states';
import {
  CapacityCell,
  gpuSummary,
  Heartbeat,
  HostStatus,
  reasonText,
  stateReasonText,
} from '@/features/hosts';
import { toGib } from '@/lib/quantity';
import { formatDay } from '@/lib/time';
import { readable } from '@/lib/words';
import type { Host, ProviderDetail } from '@/types/domain';
import type { TakenAction } from './AuditLog';
import { useHostActions } from './host-actions';

const COLUMNS: Column<Host>[] = [
  {
    id: 'state',
    header: 'State',
    bare: true,
    sortBy: (host) => host.state,
    csv: (host) => host.state,
    cell: (host) => <HostStatus host={host} />,
  },
  {
    id: 'name',
    header: 'Machine',
    bare: true,
    sortBy: (host) => host.name,
    csv: (host) => host.name,
    cell: (host) => (
      <span className="grid min-w-28">
        <b className="font-medium wrap-anywhere">{host.name}</b>
        <span className="font-mono text-2xs text-ink-3">{host.id}</span>
      </span>
    ),
  },
  {
    id: 'why',
    header: 'Since',
    csv: (host) => host.state_reason,
    cell: (host) => (
      <span className="grid max-md:text-right">
        <span className="whitespace-nowrap">{formatDay(host.sale.since ?? host.state_at)}</span>
        <span className="text-xs text-ink-3">
          {host.state === 'ready' && host.sale.reason
            ? reasonText(host.sale.reason)
            : stateReasonText(host.state_reason)}
        </span>
      </span>
    ),
  },
  {
    id: 'heartbeat',
    header: 'Last heartbeat',
    sortBy: (host) => host.last_heartbeat_at ?? '',
    csv: (host) => host.last_heartbeat_at,
    cell: (host) => <Heartbeat at={host.last_heartbeat_at} />,
  },
  {
    id: 'cloud',
    header: 'Cloud',
    sortBy: (host) => host.cloud_type,
    csv: (host) => host.cloud_type,
    cell: (host) => (
      <span className="whitespace-nowrap">
        {readable(host.cloud_type)}
        <span className="text-ink-3"> · {host.region}</span>
      </span>
    ),
  },
  {
    id: 'gpus',
    header: 'GPUs',
    fromPx: 1200,
    csv: (host) => gpuSummary(host.gpus),
    cell: (host) => gpuSummary(host.gpus) || noValue,
  },
  {
    id: 'vcpus',
    header: 'vCPU free',
    sortBy: (host) => host.free.vcpus,
    csv: (host) => host.free.vcpus,
    cell: (host) => <CapacityCell what="vCPU" free={host.free.vcpus} total={host.sellable.vcpus} />,
  },
  {
    id: 'memory',
    header: 'Memory free',
    fromPx: 1280,
    sortBy: (host) => host.free.memory_mib,
    csvHeader: 'memory_free_mib',
    csv: (host) => host.free.memory_mib,
    cell: (host) => (
      <CapacityCell
        what="Memory"
        free={toGib(host.free.memory_mib)}
        total={toGib(host.sellable.memory_mib)}
        unit="GiB"
      />
    ),
  },
];

interface HostTableProps {
  provider: ProviderDetail;
  admin: boolean;
  onTaken: (action: TakenAction) => void;
}

/** A provider's machines, and what operators can decide of each. */
export function HostTable({ provider, admin, onTaken }: HostTableProps) {
  const { menu, dialog } = useHostActions(provider.hosts, admin, onTaken);
  const { hosts, counts } = provider;
  return (
    <Section
      title="Machines"
      flush
      aside={
        hosts.length < counts.total && (
          <span className="text-xs text-ink-3">
            newest {hosts.length} of {counts.total}
          </span>
        )
      }
    >
      <DataTable
        label="Machines"
        tableId="provider-machines"
        columns={COLUMNS}
        rows={hosts}
        rowKey={(host) => host.id}
        rowName={(host) => host.name}
        rowMenu={menu}
        empty={<EmptyState>No machines yet.</EmptyState>}
      />
      {dialog}
    </Section>
  );
}
