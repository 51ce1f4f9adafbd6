import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Suspense, useMemo } from 'react';
import { Button, buttonClass } from '@/design/Button';
import { DataTable } from '@/design/DataTable';
import { SearchField } from '@/design/ListFilters';
import { Page } from '@/design/Page';
import { Segmented } from '@/design/Segmented';
import { AsOf, EmptyState, ErrorNote, Skeleton } from '@/design/states';
import { lazyPart } from '@/lib/lazy-part';
import { serverNow } from '@/lib/time';
import type { Offer } from '@/types/domain';
import { OFFERS_INTERVAL_MS, offersQuery, templatesQuery } from '../api';
import { offerColumns } from '../components/offer-columns';
import { blockedBy, matchesQuery } from '../model';
import type { CatalogSearch } from '../search';

const route = getRouteApi('/_console/catalog');
const DeployBar = lazyPart(() => import('../components/DeployBar'));

type Show = 'free' | 'all';
const SHOW_OPTIONS: readonly { value: Show; label: string }[] = [
  { value: 'free', label: 'Free now' },
  { value: 'all', label: 'All' },
];

function Nothing({ all, set }: { all: readonly Offer[]; set: (change: CatalogSearch) => void }) {
  if (all.length === 0) {
    return (
      <EmptyState
        action={
          <Link to="/provider" className={buttonClass({ tone: 'primary' })}>
            Add a machine
          </Link>
        }
      >
        No machines yet. Add one of your own; it appears here within seconds.
      </EmptyState>
    );
  }
  return (
    <EmptyState action={<Button onClick={() => set({ show: 'all', q: undefined })}>Show all hosts</Button>}>
      None of the {all.length} hosts matches and has free capacity. Show all hosts to see why.
    </EmptyState>
  );
}

export function CatalogPage() {
  const { host, q = '', sort, show, ...wish } = route.useSearch();
  const navigate = route.useNavigate();
  const offers = useQuery(offersQuery);
  const templates = useQuery(templatesQuery);
  const all = offers.data?.items;
  const kinds = templates.data?.items;
  const set = (change: CatalogSearch) =>
    void navigate({ search: (current) => ({ ...current, ...change }), replace: true, resetScroll: false });

  const rows = useMemo(
    () =>
      all?.filter(
        (offer) =>
          matchesQuery(offer, q) &&
          (show === 'all' || offer.id === host || blockedBy(offer, kinds, serverNow()) === undefined),
      ),
    [all, kinds, q, show, host],
  );
  const chosen = all?.find((offer) => offer.id === host);
  const choose = (offer: Offer) => set({ host: offer.id });
  const failed = offers.error ?? templates.error;
  return (
    <Page
      title="Catalog"
      summary={
        rows
          ? `${rows.length} of ${offers.data?.complete === false ? 'the first ' : ''}${all?.length ?? 0} hosts`
          : 'Loading hosts'
      }
      aside={<AsOf at={offers.dataUpdatedAt} intervalMs={OFFERS_INTERVAL_MS} />}
    >
      <search className="mb-3 flex flex-wrap items-center gap-2">
        <Segmented
          label="Show"
          value={show ?? 'free'}
          options={SHOW_OPTIONS}
          onChange={(value) => set({ show: value === 'all' ? 'all' : undefined })}
        />
        <SearchField
          label="Search hosts"
          placeholder="Host, region, processor"
          value={q}
          onChange={(value) => set({ q: value || undefined })}
        />
      </search>
      {failed && (
        <ErrorNote
          className="mb-3"
          what={all && kinds ? 'The catalog could not be updated.' : 'The catalog did not load.'}
          error={failed}
          onRetry={() => {
            void offers.refetch();
            void templates.refetch();
          }}
        />
      )}
      {(rows || !offers.isError) && (
        <div className="rounded-lg border bg-surface">
          <DataTable
            label="Hosts"
            tableId="catalog"
            columns={offerColumns({ templates: kinds, selectedId: host, onChoose: choose })}
            rows={rows}
            rowKey={(offer) => offer.id}
            rowName={(offer) => offer.name}
            sort={sort ?? 'price'}
            onSort={(next) => set({ sort: next })}
            selectedKey={host}
            onRowClick={(offer) => {
              if (!blockedBy(offer, kinds, serverNow())) choose(offer);
            }}
            empty={<Nothing all={all ?? []} set={set} />}
          />
        </div>
      )}
      {chosen && kinds && (
        <Suspense fallback={<Skeleton className="mt-4 h-40 w-full rounded-lg" />}>
          <DeployBar
            offer={chosen}
            offers={all ?? []}
            templates={kinds}
            wish={wish}
            onHost={(id) => set({ host: id })}
            onClose={() =>
              set({
                host: undefined,
                template: undefined,
                vcpus: undefined,
                memory_mib: undefined,
                disk_gib: undefined,
              })
            }
          />
        </Suspense>
      )}
    </Page>
  );
}
