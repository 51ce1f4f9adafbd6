import { useInfiniteQuery } from '@tanstack/react-query';
import { Suspense, useEffect } from 'react';
import { type Column, DataTable } from '@/design/DataTable';
import { LoadFailure } from '@/design/LoadFailure';
import { MorePages } from '@/design/MorePages';
import { Section } from '@/design/Page';
import { StatusChip, type Tone } from '@/design/StatusChip';
import { noValue, Skeleton } from '@/design/states';
import { lazyPart } from '@/lib/lazy-part';
import { formatRate } from '@/lib/money';
import { useItems } from '@/lib/pages';
import { formatCount } from '@/lib/quantity';
import { formatDateTime } from '@/lib/time';
import type { Host, PriceBook } from '@/types/domain';
import { pricesQuery } from '../api';

// Only for who may set prices; fetched while the prices are.
const PriceEditor = lazyPart(() => import('./PriceEditor'));

const STATES: Record<PriceBook['state'], { tone: Tone; label: string }> = {
  current: { tone: 'ok', label: 'Current' },
  future: { tone: 'wait', label: 'Scheduled' },
  past: { tone: 'idle', label: 'Past' },
};

const rate = (id: string, header: string, of: (book: PriceBook) => number): Column<PriceBook> => ({
  id,
  header,
  align: 'right',
  nanos: of,
  cell: (book, places) => formatRate(of(book), places),
});

function Lines({ lines }: { lines: readonly string[] }) {
  if (lines.length === 0) return noValue;
  return (
    <span className="grid text-xs">
      {lines.map((line) => (
        <span key={line}>{line}</span>
      ))}
    </span>
  );
}

const columns: Column<PriceBook>[] = [
  { id: 'state', header: 'Status', bare: true, cell: (book) => <StatusChip {...STATES[book.state]} /> },
  { id: 'version', header: 'Version', align: 'right', cell: (book) => book.version },
  {
    id: 'effective',
    header: 'In effect from',
    className: 'whitespace-nowrap',
    cell: (book) => formatDateTime(book.effective_at),
  },
  rate('vcpu', 'vCPU', (book) => book.vcpu_nanos_per_hour),
  rate('memory', 'Memory GiB', (book) => book.memory_gib_nanos_per_hour),
  rate('disk', 'Disk GiB', (book) => book.disk_gib_nanos_per_hour),
  rate('network', '100 Mbps', (book) => book.network_100mbps_nanos_per_hour),
  {
    id: 'gpus',
    header: 'GPUs',
    cell: (book) => (
      <Lines lines={book.gpus.map(({ model, nanos_per_hour }) => `${model} ${formatRate(nanos_per_hour)}`)} />
    ),
  },
  {
    id: 'bonus',
    header: 'Network bonus',
    fromPx: 1280,
    cell: (book) => (
      <Lines
        lines={book.network_bonus.map(
          ({ from_mbps, bonus_bps }) => `${bonus_bps / 100}% from ${formatCount(from_mbps)} Mbps`,
        )}
      />
    ),
  },
  {
    id: 'created',
    header: 'Published',
    fromPx: 1400,
    className: 'whitespace-nowrap text-ink-2',
    cell: (book) => formatDateTime(book.created_at),
  },
];

/** What the machine asks, what it asked and what it will ask. A version is never edited: a new one takes its place. */
export default function Prices({ host }: { host: Host }) {
  const prices = useInfiniteQuery(pricesQuery(host.id));
  const books = useItems(prices);
  const current = books?.find(({ state }) => state === 'current');
  const maySet = host.actions.includes('set_prices');
  useEffect(() => {
    if (maySet) void PriceEditor.preload();
  }, [maySet]);
  return (
    <div className="grid gap-4">
      <LoadFailure query={prices} name="The prices" />
      {!books && !prices.isError && <Skeleton className="h-96 w-full rounded-lg" />}
      {current && maySet && (
        <Suspense fallback={<Skeleton className="h-96 w-full rounded-lg" />}>
          <PriceEditor host={host} current={current} />
        </Suspense>
      )}
      {books && (
        <Section
          title="Versions"
          flush
          aside={
            <span className="text-xs text-ink-3">dollars per hour; existing rentals keep their rate</span>
          }
        >
          <DataTable
            label="Versions"
            columns={columns}
            rows={books}
            rowKey={(book) => String(book.version)}
          />
          <MorePages list={prices} label="Show older versions" />
        </Section>
      )}
    </div>
  );
}
