import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Button } from '@/design/Button';
import type { Column } from '@/design/DataTable';
import { Section } from '@/design/Page';
import { PagedTable } from '@/design/PagedTable';
import { EmptyState } from '@/design/states';
import { formatChange } from '@/lib/money';
import { useItems } from '@/lib/pages';
import { formatDateTime } from '@/lib/time';
import type { LedgerItem } from '@/types/domain';
import { ledgerQuery } from '../api';
import { isBalanced, isVm, KIND_LABELS } from '../model';

function Entries({ item }: { item: LedgerItem }) {
  return (
    <div className="grid gap-2 px-3 py-3 md:pl-12">
      <p className="text-xs text-ink-2">
        Double entry of <code className="font-mono break-all">{item.id}</code>
        {isBalanced(item) ? '; the entries sum to zero.' : '; the entries do not sum to zero.'}
      </p>
      <dl className="grid max-w-xl gap-1">
        {item.entries.map((entry) => (
          <div key={entry.account} className="flex flex-wrap justify-between gap-x-6">
            <dt className="min-w-0 font-mono text-xs break-all">{entry.account}</dt>
            <dd className="font-mono text-xs">{formatChange(entry.amount_micros)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function Resource({ item }: { item: LedgerItem }) {
  if (!item.resource_id) return <span className="text-ink-3">—</span>;
  const id = <span className="font-mono text-xs break-all">{item.resource_id}</span>;
  return isVm(item) ? (
    <Link to="/vms/$vmId" params={{ vmId: item.resource_id }} className="underline underline-offset-2">
      {id}
    </Link>
  ) : (
    id
  );
}

function columnsFor(openId: string | undefined, toggle: (id: string) => void): Column<LedgerItem>[] {
  return [
    {
      id: 'expand',
      header: 'Entries',
      className: 'w-10',
      cell: (item) => {
        const open = item.id === openId;
        const Icon = open ? ChevronDown : ChevronRight;
        return (
          <Button
            tone="ghost"
            size="icon"
            aria-expanded={open}
            aria-label={`Entries of ${KIND_LABELS[item.kind]} at ${formatDateTime(item.at)}`}
            onClick={() => toggle(item.id)}
          >
            <Icon aria-hidden size={14} />
          </Button>
        );
      },
    },
    {
      id: 'at',
      header: 'Time',
      className: 'whitespace-nowrap text-ink-2',
      csv: (item) => item.at,
      cell: (item) => formatDateTime(item.at),
    },
    { id: 'kind', header: 'Kind', csv: (item) => item.kind, cell: (item) => KIND_LABELS[item.kind] },
    {
      id: 'resource',
      header: 'Resource',
      csv: (item) => item.resource_id,
      cell: (item) => <Resource item={item} />,
    },
    {
      id: 'detail',
      header: 'Detail',
      csv: (item) => item.detail,
      className: 'text-ink-2 max-md:text-right',
      cell: (item) => item.detail || <span className="text-ink-3">—</span>,
    },
    {
      id: 'amount',
      header: 'Amount',
      align: 'right',
      csvHeader: 'amount_micros',
      csv: (item) => item.amount_micros,
      className: 'font-mono text-xs font-medium whitespace-nowrap',
      cell: (item) => formatChange(item.amount_micros),
    },
  ];
}

export function Ledger() {
  const ledger = useInfiniteQuery(ledgerQuery);
  const [openId, setOpenId] = useState<string>();
  const columns = useMemo(
    () => columnsFor(openId, (id) => setOpenId((current) => (current === id ? undefined : id))),
    [openId],
  );
  const rows = useItems(ledger);
  return (
    <Section
      title="Ledger"
      flush
      aside={<span className="text-xs text-ink-3">newest first · to the micro-dollar</span>}
    >
      <PagedTable
        query={ledger}
        name="The ledger"
        more="Show older transactions"
        label="Ledger"
        tableId="ledger"
        rowName={(item) => `${KIND_LABELS[item.kind]} at ${formatDateTime(item.at)}`}
        columns={columns}
        rows={rows}
        rowKey={(item) => item.id}
        expandedKey={openId}
        renderExpanded={(item) => <Entries item={item} />}
        onRowClick={(item) => setOpenId(openId === item.id ? undefined : item.id)}
        empty={<EmptyState>No transactions yet.</EmptyState>}
      />
    </Section>
  );
}
