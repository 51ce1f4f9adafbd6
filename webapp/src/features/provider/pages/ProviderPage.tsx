import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useMemo } from 'react';
import { Button, buttonClass } from '@/design/Button';
import { SearchField } from '@/design/ListFilters';
import { LoadFailure } from '@/design/LoadFailure';
import { Page } from '@/design/Page';
import { PagedTable } from '@/design/PagedTable';
import { AsOf, EmptyState } from '@/design/states';
import { useItems } from '@/lib/pages';
import { earningsQuery, MACHINES_INTERVAL_MS, machinesQuery, marketQuery } from '../api';
import { type MachineRow, machineColumns } from '../components/machine-columns';
import { ProviderName } from '../components/ProviderName';
import { Tiles } from '../components/Tiles';
import { headlineComparison } from '../market';
import { findMachines } from '../model';
import type { ProviderSearch } from '../search';

const route = getRouteApi('/_console/provider');

const addLink = (
  <Link to="/provider/add" className={buttonClass({ tone: 'primary' })}>
    <Plus aria-hidden size={14} />
    Add machine
  </Link>
);

/** The machines with what other answers say of them; a row does not wait for those. */
function useRows(query: string) {
  const machines = useInfiniteQuery(machinesQuery);
  const marketAnswer = useQuery(marketQuery);
  const market = marketAnswer.data?.items;
  const perHost = useQuery(earningsQuery).data?.per_host;
  const hosts = useItems(machines);
  const rows = useMemo(
    () =>
      hosts &&
      findMachines(hosts, query).map(
        (host): MachineRow => ({
          host,
          comparison: market && headlineComparison(host, market),
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
        <search className="mb-3 flex">
          <SearchField
            label="Search machines"
            placeholder="Name, region, CPU, GPU"
            value={query}
            onChange={(value) => set({ q: value || undefined })}
          />
        </search>
      )}
      {!market.data && <LoadFailure className="mb-3" query={market} name="Market prices" />}
      <PagedTable
        query={machines}
        name="Your machines"
        more="Show more machines"
        boxed
        label="Machines"
        columns={machineColumns}
        rows={rows}
        rowKey={({ host }) => host.id}
        sort={sort}
        onSort={(next) => set({ sort: next })}
        onRowClick={({ host }) =>
          void navigate({ to: '/provider/machines/$hostId', params: { hostId: host.id } })
        }
        empty={
          hosts?.length ? (
            <EmptyState action={<Button onClick={() => set({ q: undefined })}>Clear search</Button>}>
              No machines match “{query}”.
            </EmptyState>
          ) : (
            <EmptyState action={addLink}>
              No machines yet. Run one command on a Linux machine to offer its spare capacity.
            </EmptyState>
          )
        }
      />
    </Page>
  );
}
