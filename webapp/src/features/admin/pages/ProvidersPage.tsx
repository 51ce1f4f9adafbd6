import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Copy, Plus, ScrollText, SquareArrowOutUpRight } from 'lucide-react';
import { Suspense, useEffect, useState } from 'react';
import { Button } from '@/design/Button';
import { ChoiceFilter, SearchField } from '@/design/ListFilters';
import { PagedTable } from '@/design/PagedTable';
import { AsOf, EmptyState } from '@/design/states';
import { useConnection, useSettled } from '@/lib/hooks';
import { lazyPart } from '@/lib/lazy-part';
import { useItems } from '@/lib/pages';
import { isAdmin } from '@/lib/roles';
import type { ProviderRow } from '@/types/domain';
import { LIST_INTERVAL_MS, providersQuery } from '../api';
import { AdminFrame, OperatorsOnly, useOperator } from '../components/AdminFrame';
import { PROVIDER_COLUMNS } from '../components/provider-columns';
import { PROVIDER_LOOKS, TIER_LABELS } from '../model';
import { PROVIDER_STATES, type ProvidersSearch, TIERS } from '../search';

const ProviderForm = lazyPart(() => import('../components/ProviderForm'));

const route = getRouteApi('/_console/admin/providers');
const SETTLE_MS = 300;

interface FilterProps {
  search: ProvidersSearch;
  set: (change: Partial<ProvidersSearch>) => void;
}

/** Typing is not yet asking: the address follows when the typing rests. */
function Filters({ search, set }: FilterProps) {
  const [typed, setTyped] = useState(search.q ?? '');
  const settled = useSettled(typed.trim(), SETTLE_MS);
  const asked = search.q ?? '';
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was typed may lead to a search
  useEffect(() => {
    if (settled !== asked) set({ q: settled || undefined });
  }, [settled]);
  return (
    <search className="flex flex-wrap items-center gap-2">
      <SearchField
        label="Search providers"
        placeholder="Part of name or id, or full email"
        value={typed}
        onChange={setTyped}
      />
      <ChoiceFilter
        label="Tier"
        any="Any tier"
        value={search.tier}
        options={TIERS.map((tier) => [tier, TIER_LABELS[tier]] as const)}
        onChange={(tier) => set({ tier })}
      />
      <ChoiceFilter
        label="State"
        any="Any state"
        value={search.state}
        options={PROVIDER_STATES.map((state) => [state, PROVIDER_LOOKS[state].label] as const)}
        onChange={(state) => set({ state })}
      />
    </search>
  );
}

function Providers() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const role = useOperator();
  const offline = useConnection() === 'offline';
  const providers = useInfiniteQuery(providersQuery(search));
  const rows = useItems(providers);
  const [adding, setAdding] = useState(false);
  const [cleared, setCleared] = useState(0);
  const set = (change: Partial<ProvidersSearch>) =>
    void navigate({ search: (current) => ({ ...current, ...change }), replace: true });
  const open = (providerId: string) =>
    void navigate({ to: '/admin/providers/$providerId', params: { providerId } });
  const menu = ({ id }: ProviderRow) => [
    { label: 'Open', icon: SquareArrowOutUpRight, onSelect: () => open(id) },
    {
      label: 'Audit log',
      icon: ScrollText,
      onSelect: () => void navigate({ to: '/admin/audit', search: { resource: id } }),
    },
    {
      label: 'Add machine',
      icon: Plus,
      onSelect: () => void navigate({ to: '/admin/install', search: { provider: id } }),
    },
    { label: 'Copy id', icon: Copy, onSelect: () => void navigator.clipboard?.writeText(id) },
  ];
  const narrowed = search.q ?? search.tier ?? search.state;
  const clear = () => {
    setCleared((count) => count + 1);
    set({ q: undefined, tier: undefined, state: undefined });
  };
  return (
    <AdminFrame
      title="Providers"
      summary="Accounts that offer machines, and how much of them is rented."
      aside={
        <>
          <AsOf at={providers.dataUpdatedAt} intervalMs={LIST_INTERVAL_MS} />
          {isAdmin(role) && (
            <Button tone="primary" disabled={offline} onClick={() => setAdding(true)}>
              <Plus aria-hidden size={14} />
              Add provider
            </Button>
          )}
        </>
      }
    >
      <Filters key={cleared} search={search} set={set} />
      <PagedTable
        query={providers}
        name="The providers"
        more="Show more providers"
        boxed
        label="Providers"
        tableId="providers"
        columns={PROVIDER_COLUMNS}
        rows={rows}
        rowKey={(row) => row.id}
        rowName={(row) => row.display_name}
        sort={search.sort}
        onSort={(sort) => set({ sort })}
        onRowClick={(row) => open(row.id)}
        rowMenu={menu}
        empty={
          narrowed ? (
            <EmptyState action={<Button onClick={clear}>Clear filters</Button>}>
              No providers match these filters.
            </EmptyState>
          ) : (
            <EmptyState>No providers yet.</EmptyState>
          )
        }
      />
      {adding && (
        <Suspense>
          <ProviderForm onMade={({ id }) => open(id)} onClose={() => setAdding(false)} />
        </Suspense>
      )}
    </AdminFrame>
  );
}

export function ProvidersPage() {
  return (
    <OperatorsOnly title="Providers">
      <Providers />
    </OperatorsOnly>
  );
}
