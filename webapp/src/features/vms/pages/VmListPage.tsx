import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useMemo } from 'react';
import { Button, buttonClass } from '@/design/Button';
import { SearchField } from '@/design/ListFilters';
import { Page } from '@/design/Page';
import { PagedTable } from '@/design/PagedTable';
import { Segmented } from '@/design/Segmented';
import { AsOf, EmptyState } from '@/design/states';
import { usePollFast } from '@/lib/hooks';
import { useItems } from '@/lib/pages';
import type { Vm } from '@/types/domain';
import { VMS_INTERVAL_MS, vmsQuery } from '../api';
import { rowItems } from '../components/ActionButtons';
import { useLifecycle } from '../components/use-lifecycle';
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
      <SearchField
        label="Search VMs"
        placeholder="Name, id, host"
        value={query}
        onChange={(value) => set({ q: value || undefined })}
      />
    </search>
  );
}

function NothingShown({ total, view, query, set }: FiltersProps & { total: number }) {
  if (total === 0) {
    return (
      <EmptyState action={deployLink}>
        No VMs yet. Choose a host in the catalog; billing starts when the VM is ready.
      </EmptyState>
    );
  }
  if (query) {
    return (
      <EmptyState action={<Button onClick={() => set({ q: undefined })}>Clear search</Button>}>
        No VMs match “{query}”.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      action={
        view === 'current' ? deployLink : <Button onClick={() => set({ view: 'all' })}>Show all</Button>
      }
    >
      {view === 'current' ? 'All your VMs have ended.' : 'No VMs have ended.'}
    </EmptyState>
  );
}

export function VmListPage() {
  const { view = 'current', q: query = '', sort } = route.useSearch();
  const navigate = route.useNavigate();
  const vms = useInfiniteQuery(vmsQuery);
  const lifecycle = useLifecycle();
  const all = useItems(vms);
  const rows = useMemo(() => all && selectVms(all, view, query), [all, view, query]);
  usePollFast(all?.some(isChanging) ?? false);
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
      <PagedTable
        query={vms}
        name="Your VMs"
        more="Show more"
        boxed
        label="VMs"
        tableId="vms"
        columns={vmColumns(lifecycle)}
        rows={rows}
        rowKey={(vm) => vm.id}
        rowName={(vm) => vm.name}
        rowMenu={(vm) => rowItems(vm, lifecycle, () => openVm(vm))}
        sort={sort}
        onSort={(next) => set({ sort: next })}
        onRowClick={openVm}
        empty={<NothingShown total={all?.length ?? 0} view={view} query={query} set={set} />}
      />
      {lifecycle.dialog}
    </Page>
  );
}
