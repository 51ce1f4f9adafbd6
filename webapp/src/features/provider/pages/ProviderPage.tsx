import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Plus, Search } from 'lucide-react';
import { useMemo } from 'react';
import { Button, buttonClass } from '@/design/Button';
import { DataTable } from '@/design/DataTable';
import { MorePages } from '@/design/MorePages';
import { Page } from '@/design/Page';
import { AsOf, EmptyState, ErrorNote } from '@/design/states';
import { earningsQuery, MACHINES_INTERVAL_MS, machinesQuery, marketQuery } from '../api';
import { type MachineRow, machineColumns } from '../components/machine-columns';
import { ProviderName } from '../components/ProviderName';
import { Tiles } from '../components/Tiles';
import { headlineStanding } from '../market';
import { findMachines } from '../model';
import type { ProviderSearch } from '../search';

const route = getRouteApi('/_console/provider');

const addLink = (
  <Link to="/provider/add" className={buttonClass({ tone: 'primary' })}>
    <Plus aria-hidden size={14} />
    Add machine
  </Link>
);

function SearchField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <search className="mb-3 flex">
      <label className="flex h-control min-w-0 flex-1 items-center gap-2 rounded-md border border-control bg-surface px-2.5 has-focus-visible:outline-2 has-focus-visible:outline-focus sm:max-w-72">
        <Search aria-hidden size={14} className="shrink-0 text-ink-3" />
        <span className="sr-only">Search machines</span>
        <input
          type="search"
          value={value}
          onChange={(event) => onChange(event.target.value)}
          placeholder="Name, region, CPU, GPU"
          className="w-full bg-transparent text-sm outline-none"
        />
      </label>
    </search>
  );
}

/** The machines with what other answers say of them; a row does not wait for those. */
function useRows(query: string) {
  const machines = useInfiniteQuery(machinesQuery);
  const marketAnswer = useQuery(marketQuery);
  const market = marketAnswer.data?.items;
  const perHost = useQuery(earningsQuery).data?.per_host;
  const hosts = useMemo(() => machines.data?.pages.flatMap((page) => page.items), [machines.data]);
  const rows = useMemo(
    () =>
      hosts &&
      findMachines(hosts, query).map(
        (host): MachineRow => ({
          host,
          standing: market && headlineStanding(host, market),
          // Who is not named there earned nothing.
          earnedMicros:
            perHost && (perHost.find(({ host_id }) => host_id === host.id)?.thirty_days_micros ?? 0),
        }),
      ),
    [hosts, query, market, perHost],
  );
  return { machines, hosts, rows, market: marketAnswer };
}

export function ProviderPage() {
  const { q: query = '', sort = 'host' } = route.useSearch();
  const navigate = route.useNavigate();
  const { machines, hosts, rows, market } = useRows(query);
  const set = (change: Partial<ProviderSearch>) =>
    void navigate({ search: (current) => ({ ...current, ...change }), replace: true });
  return (
    <Page
      title="Provider"
      summary={<ProviderName />}
      aside={
        <>
          <AsOf at={machines.dataUpdatedAt} intervalMs={MACHINES_INTERVAL_MS} />
          {addLink}
        </>
      }
    >
      <Tiles />
      {(hosts?.length ?? 0) > 1 && (
        <SearchField value={query} onChange={(value) => set({ q: value || undefined })} />
      )}
      {machines.isError && (
        <ErrorNote
          className="mb-3"
          what={rows ? 'Your machines could not be updated.' : 'Your machines did not load.'}
          error={machines.error}
          onRetry={() => void machines.refetch()}
        />
      )}
      {market.isError && !market.data && (
        <ErrorNote
          className="mb-3"
          what="What others ask did not load; the column of prices stays empty."
          error={market.error}
          onRetry={() => void market.refetch()}
        />
      )}
      {(rows || !machines.isError) && (
        <div className="rounded-lg border bg-surface">
          <DataTable
            label="Machines"
            columns={machineColumns}
            rows={rows}
            rowKey={({ host }) => host.id}
            hasMore={machines.hasNextPage}
            sort={sort}
            onSort={(next) => set({ sort: next })}
            onRowClick={({ host }) =>
              void navigate({ to: '/provider/machines/$hostId', params: { hostId: host.id } })
            }
            empty={
              hosts?.length ? (
                <EmptyState action={<Button onClick={() => set({ q: undefined })}>Clear the search</Button>}>
                  No machine here matches “{query}”.
                </EmptyState>
              ) : (
                <EmptyState action={addLink}>
                  You share no machine yet. One command on a Linux machine puts its spare capacity in the
                  catalog.
                </EmptyState>
              )
            }
          />
          <MorePages list={machines} label="Show more machines" />
        </div>
      )}
    </Page>
  );
}
