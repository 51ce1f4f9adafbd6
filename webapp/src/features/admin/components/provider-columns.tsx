import { Link } from '@tanstack/react-router';
import type { Column } from '@/design/DataTable';
import { ShareCell } from '@/design/ShareCell';
import { StatusChip } from '@/design/StatusChip';
import { noValue } from '@/design/states';
import { formatCount } from '@/lib/quantity';
import { formatDay } from '@/lib/time';
import type { ProviderRow } from '@/types/domain';
import { providerLook, TIER_LABELS } from '../model';

function Rented({ what, used, total }: { what: string; used: number; total: number }) {
  if (total === 0) return noValue;
  return <ShareCell value={used} total={total} label={`${what}: ${used} of ${total} rented`} />;
}

export const PROVIDER_COLUMNS: Column<ProviderRow>[] = [
  {
    id: 'state',
    header: 'State',
    bare: true,
    sortBy: (row) => providerLook(row).label,
    csv: (row) => (row.draining ? 'draining' : row.state),
    cell: (row) => <StatusChip {...providerLook(row)} />,
  },
  {
    id: 'name',
    header: 'Provider',
    bare: true,
    sortBy: (row) => row.display_name,
    csv: (row) => row.display_name,
    cell: (row) => (
      <Link
        to="/admin/providers/$providerId"
        params={{ providerId: row.id }}
        className="font-medium underline-offset-2 wrap-anywhere hover:underline max-md:text-base"
      >
        {row.display_name}
      </Link>
    ),
  },
  {
    id: 'email',
    header: 'Email',
    className: 'break-all',
    sortBy: (row) => row.email ?? '',
    csv: (row) => row.email,
    cell: (row) => row.email ?? <span className="text-ink-3">account deleted</span>,
  },
  {
    id: 'tier',
    header: 'Tier',
    sortBy: (row) => row.tier,
    csv: (row) => row.tier,
    cell: (row) => TIER_LABELS[row.tier],
  },
  {
    id: 'hosts',
    header: 'Machines ready',
    sortBy: (row) => row.hosts_ready,
    csv: (row) => row.hosts_ready,
    cell: (row) => `${formatCount(row.hosts_ready)} of ${formatCount(row.hosts)}`,
  },
  {
    id: 'gpus',
    header: 'GPUs rented',
    sortBy: (row) => row.gpus_used,
    csv: (row) => row.gpus_used,
    cell: (row) => <Rented what="GPUs" used={row.gpus_used} total={row.gpus_total} />,
  },
  {
    id: 'vcpus',
    header: 'vCPUs rented',
    sortBy: (row) => row.vcpus_used,
    csv: (row) => row.vcpus_used,
    cell: (row) => <Rented what="vCPUs" used={row.vcpus_used} total={row.vcpus_total} />,
  },
  {
    id: 'since',
    header: 'Since',
    fromPx: 1200,
    className: 'whitespace-nowrap text-ink-2',
    sortBy: (row) => Date.parse(row.created_at),
    csv: (row) => row.created_at,
    cell: (row) => formatDay(row.created_at),
  },
  {
    id: 'id',
    header: 'Id',
    fromPx: 1400,
    className: 'font-mono text-xs whitespace-nowrap text-ink-3',
    csv: (row) => row.id,
    cell: (row) => row.id,
  },
];
