import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Suspense, useEffect, useRef } from 'react';
import { buttonClass } from '@/design/Button';
import { type Loadable, LoadFailure } from '@/design/LoadFailure';
import { Page } from '@/design/Page';
import { ResourcePage } from '@/design/ResourcePage';
import { RouteTabs } from '@/design/RouteTabs';
import { Skeleton } from '@/design/states';
import { usePollFast } from '@/lib/hooks';
import { lazyPart } from '@/lib/lazy-part';
import { serverNow } from '@/lib/time';
import { useAnnounced } from '@/lib/use-announced';
import { VM_ACTIONS, type Vm } from '@/types/domain';
import { validActions } from '../actions';
import { vmQuery } from '../api';
import { ActionButtons } from '../components/ActionButtons';
import { HostUnreachable } from '../components/HostUnreachable';
import { Overview } from '../components/Overview';
import { useLifecycle } from '../components/use-lifecycle';
import { VmHeadline } from '../components/VmHeadline';
import { VmStatus } from '../components/VmStatus';
import { TABS } from '../search';
import { isChanging, isUnreachable, statusLook } from '../status';

const Cost = lazyPart(() => import('../components/Cost'));
const Events = lazyPart(() => import('../components/Events'));

const route = getRouteApi('/_console/vms/$vmId');

function VmView({ vm, query }: { vm: Vm; query: Loadable }) {
  const { tab = 'overview', ask } = route.useSearch();
  const navigate = route.useNavigate();
  const lifecycle = useLifecycle(() => {
    if (ask) void navigate({ search: (current) => ({ ...current, ask: undefined }), replace: true });
  });
  const asked = VM_ACTIONS.find((action) => action === ask && validActions(vm, serverNow()).includes(action));
  const openAsked = useRef(lifecycle.ask);
  openAsked.current = lifecycle.ask;
  const current = useRef(vm);
  current.current = vm;
  useEffect(() => {
    if (asked) openAsked.current(current.current, asked);
  }, [asked]);
  usePollFast(isChanging(vm));
  useAnnounced(vm.name, isUnreachable(vm) ? 'unreachable' : statusLook(vm.status).label.toLowerCase());
  return (
    <Page
      title={vm.name}
      badge={<VmStatus vm={vm} />}
      summary={<span className="font-mono text-xs break-all text-ink-3">{vm.id}</span>}
      aside={<ActionButtons vm={vm} lifecycle={lifecycle} />}
    >
      {lifecycle.failure}
      <LoadFailure className="mb-3" query={query} name="This page" />
      <HostUnreachable vm={vm} />
      <VmHeadline vm={vm} />
      <RouteTabs
        label="VM"
        className="mb-4"
        tabs={TABS}
        current={tab}
        link={(to) => ({
          to: '/vms/$vmId',
          params: { vmId: vm.id },
          search: { tab: to === 'overview' ? undefined : to },
          resetScroll: false,
          replace: true,
        })}
      />
      <Suspense fallback={<Skeleton className="h-48 w-full" />}>
        {tab === 'overview' && <Overview vm={vm} />}
        {tab === 'cost' && <Cost vm={vm} />}
        {tab === 'events' && <Events vmId={vm.id} />}
      </Suspense>
      {lifecycle.dialog}
    </Page>
  );
}

export function VmPage() {
  const { vmId } = route.useParams();
  const vm = useQuery(vmQuery(vmId));
  return (
    <ResourcePage
      query={vm}
      noun="VM"
      id={vmId}
      back={
        <Link to="/vms" className={buttonClass()}>
          Go to your VMs
        </Link>
      }
    >
      {(data) => <VmView vm={data} query={vm} />}
    </ResourcePage>
  );
}
