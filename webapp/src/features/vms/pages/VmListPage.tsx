import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Plus, Search } from 'lucide-react';
import { useMemo } from 'react';
import { Button, buttonClass } from '@/design/Button';
import { DataTable } from '@/design/DataTable';
import { MorePages } from '@/design/MorePages';
import { Page } from '@/design/Page';
import { Segmented } from '@/design/Segmented';
import { AsOf, EmptyState, ErrorNote } from '@/design/states';
import { useHurry } from '@/lib/hooks';
import type { Vm } from '@/types/domain';
import { VMS_INTERVAL_MS, vmsQuery } from '../api';
import { rowItems } from '../components/ActionButtons';
import { useLifecycle } from '../components/lifecycle';
import { vmColumns } from '../components/vm-columns';
import { selectVms } from '../model';
import type { VmsSearch, VmView } from '../search';
import { isChanging } from '../status';

const route = getRouteApi('/_console/vms');

const VIEW_OPTIONS: readonly { value: VmView; label: string }[] = [
  { value: 'current', label: 'Current' },
  { value: 'ended', label: 'Ended' },
  { value: 'all', label: 'All' },
];

const deployLink = (
  <Link to="/catalog" className={buttonClass({ tone: 'primary' })}>
    <Plus aria-hidden size={14} />
    Deploy a VM
  </Link>
);

interface FiltersProps {
  view: VmView;
  query: string;
  set: (change: Partial<VmsSearch>) => void;
}

function Filters({ view, query, set }: FiltersProps) {
  return (
    <search className="mb-3 flex flex-wrap items-center gap-2">
      <Segmented
        label="Show"
        value={view}
        options={VIEW_OPTIONS}
        onChange={(value) => set({ view: value })}
      />
      <label className="flex h-control min-w-0 flex-1 items-center gap-2 rounded-md border border-control max-sm:basis-full bg-surface px-2.5 has-focus-visible:outline-2 has-focus-visible:outline-focus sm:max-w-72">
        <Search aria-hidden size={14} className="shrink-0 text-ink-3" />
        <span className="sr-only">Search VMs</span>
        <input
          type="search"
          value={query}
          onChange={(event) => set({ q: event.target.value || undefined })}
          placeholder="Name, id, host"
          className="w-full bg-transparent text-sm outline-none"
        />
      </label>
    </search>
  );
}

function NothingShown({ total, view, query, set }: FiltersProps & { total: number }) {
  if (total === 0) {
    return (
      <EmptyState action={deployLink}>
        You have no VM yet. Pick a machine in the catalog; it is billed by the millisecond from when it is
        ready.
      </EmptyState>
    );
  }
  if (query) {
    return (
      <EmptyState action={<Button onClick={() => set({ q: undefined })}>Clear the search</Button>}>
        No VM here matches “{query}”.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      action={
        view === 'current' ? deployLink : <Button onClick={() => set({ view: 'all' })}>Show all</Button>
      }
    >
      {view === 'current'
        ? 'Nothing is running or stopped; all your VMs have ended.'
        : 'No VM has ended yet.'}
    </EmptyState>
  );
}

export function VmListPage() {
  const { view = 'current', q: query = '', sort } = route.useSearch();
  const navigate = route.useNavigate();
  const vms = useInfiniteQuery(vmsQuery);
  const lifecycle = useLifecycle();
  const all = useMemo(() => vms.data?.pages.flatMap((page) => page.items), [vms.data]);
  const rows = useMemo(() => all && selectVms(all, view, query), [all, view, query]);
  useHurry(all?.some(isChanging) ?? false);
  const set = (change: Partial<VmsSearch>) =>
    void navigate({ search: (current) => ({ ...current, ...change }), replace: true });
  const openVm = (vm: Vm) => void navigate({ to: '/vms/$vmId', params: { vmId: vm.id } });
  return (
    <Page
      title="VM"
      summary="Virtual machines you rent, and what each costs."
      aside={
        <>
          <AsOf at={vms.dataUpdatedAt} intervalMs={VMS_INTERVAL_MS} />
          {deployLink}
        </>
      }
    >
      <Filters view={view} query={query} set={set} />
      {lifecycle.failure}
      {vms.isError && (
        <ErrorNote
          className="mb-3"
          what={all ? 'The list could not be updated.' : 'Your VMs did not load.'}
          error={vms.error}
          onRetry={() => void vms.refetch()}
        />
      )}
      {(rows || !vms.isError) && (
        <div className="rounded-lg border bg-surface">
          <DataTable
            label="VMs"
            tableId="vms"
            columns={vmColumns(lifecycle)}
            rows={rows}
            rowKey={(vm) => vm.id}
            rowName={(vm) => vm.name}
            rowMenu={(vm) => rowItems(vm, lifecycle, () => openVm(vm))}
            hasMore={vms.hasNextPage}
            sort={sort}
            onSort={(next) => set({ sort: next })}
            onRowClick={openVm}
            empty={<NothingShown total={all?.length ?? 0} view={view} query={query} set={set} />}
          />
          <MorePages list={vms} label="Show more" />
        </div>
      )}
      {lifecycle.dialog}
    </Page>
  );
}
