import { Link } from '@tanstack/react-router';
import type { Column } from '@/design/DataTable';
import { noValue } from '@/design/states';
import { Tick } from '@/design/Tick';
import { formatRate } from '@/lib/money';
import { formatMib } from '@/lib/quantity';
import { formatSpan } from '@/lib/time';
import type { Vm } from '@/types/domain';
import { sizeText, uptimeS } from '../model';
import { isBurning, isUnreachable, statusLook } from '../status';
import { RowAction } from './ActionButtons';
import { Spent } from './Spent';
import type { Lifecycle } from './use-lifecycle';
import { VmStatus } from './VmStatus';

function Uptime({ vm }: { vm: Vm }) {
  return (
    <Tick active={vm.status === 'running' && !isUnreachable(vm)}>
      {(now) => {
        const seconds = uptimeS(vm, now);
        return seconds === null ? noValue : formatSpan(seconds);
      }}
    </Tick>
  );
}

export const vmColumns = (lifecycle: Lifecycle): Column<Vm>[] => [
  {
    id: 'status',
    header: 'Status',
    bare: true,
    sortBy: (vm) => statusLook(vm.status).label,
    csv: (vm) => vm.status,
    cell: (vm) => <VmStatus vm={vm} />,
  },
  {
    id: 'name',
    header: 'Name',
    bare: true,
    sortBy: (vm) => vm.name,
    csv: (vm) => vm.name,
    cell: (vm) => (
      <Link
        to="/vms/$vmId"
        params={{ vmId: vm.id }}
        className="font-medium break-all underline-offset-2 hover:underline max-md:text-base"
      >
        {vm.name}
      </Link>
    ),
  },
  {
    id: 'size',
    header: 'Size',
    sortBy: (vm) => vm.vcpus * 1e9 + vm.memory_mib,
    csv: (vm) => sizeText(vm, formatMib(vm.memory_mib)),
    className: 'whitespace-nowrap text-ink-2',
    cell: (vm) => sizeText(vm, formatMib(vm.memory_mib)),
  },
  {
    id: 'host',
    header: 'Host',
    fromPx: 1200,
    sortBy: (vm) => vm.host_name ?? '',
    csv: (vm) => vm.host_name,
    cell: (vm) =>
      vm.host_name ? (
        <span className="whitespace-nowrap">
          {vm.host_name}
          {vm.region && <span className="text-ink-3"> · {vm.region}</span>}
        </span>
      ) : (
        noValue
      ),
  },
  {
    id: 'endpoint',
    header: 'Endpoint',
    fromPx: 1400,
    className: 'font-mono text-xs whitespace-nowrap',
    csv: (vm) => vm.connect && `${vm.connect.host}:${vm.connect.port}`,
    cell: (vm) => (vm.connect ? `${vm.connect.host}:${vm.connect.port}` : noValue),
  },
  {
    id: 'uptime',
    header: 'Uptime',
    align: 'right',
    className: 'whitespace-nowrap',
    sortBy: (vm) => Date.parse(vm.started_at ?? '') || 0,
    csvHeader: 'started_at',
    csv: (vm) => vm.started_at,
    cell: (vm) => <Uptime vm={vm} />,
  },
  {
    id: 'rate',
    header: '$/hr',
    align: 'right',
    sortBy: (vm) => vm.rate_nanos_per_hour,
    csvHeader: 'rate_nanos_per_hour',
    csv: (vm) => (isBurning(vm) ? vm.rate_nanos_per_hour : null),
    nanos: (vm) => (isBurning(vm) ? vm.rate_nanos_per_hour : null),
    cell: (vm, places) => (isBurning(vm) ? formatRate(vm.rate_nanos_per_hour, places) : noValue),
  },
  {
    id: 'spent',
    header: 'Spent',
    align: 'right',
    sortBy: (vm) => vm.spent_micros,
    csvHeader: 'spent_micros',
    csv: (vm) => vm.spent_micros,
    cell: (vm) => <Spent vm={vm} />,
  },
  {
    id: 'actions',
    header: 'Actions',
    bare: true,
    align: 'right',
    stickyEnd: true,
    className: 'max-md:justify-end',
    cell: (vm) => <RowAction vm={vm} lifecycle={lifecycle} />,
  },
];
