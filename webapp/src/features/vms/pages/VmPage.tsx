import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Suspense, useEffect, useRef } from 'react';
import { cn } from '@/design/cn';
import { Page } from '@/design/Page';
import { EmptyState, ErrorNote, Skeleton } from '@/design/states';
import { announce } from '@/lib/announce';
import { useHurry } from '@/lib/hooks';
import { lazyPart } from '@/lib/lazy-part';
import { asProblem } from '@/lib/problem';
import { serverNow } from '@/lib/time';
import { VM_ACTIONS, type Vm } from '@/types/domain';
import { validActions } from '../actions';
import { vmQuery } from '../api';
import { ActionButtons } from '../components/ActionButtons';
import { HostSilence } from '../components/HostSilence';
import { useLifecycle } from '../components/lifecycle';
import { Overview } from '../components/Overview';
import { VmHeadline } from '../components/VmHeadline';
import { VmStatus } from '../components/VmStatus';
import { TABS, type VmTab } from '../search';
import { isChanging, isSilent, statusLook } from '../status';

const Cost = lazyPart(() => import('../components/Cost'));
const Events = lazyPart(() => import('../components/Events'));

const route = getRouteApi('/_console/vms/$vmId');

const TAB_LABELS: Record<VmTab, string> = { overview: 'Overview', cost: 'Cost', events: 'Events' };

function Tabs({ vmId, current }: { vmId: string; current: VmTab }) {
  return (
    <nav aria-label="VM" className="mb-4 flex gap-1 border-b">
      {TABS.map((tab) => (
        <Link
          key={tab}
          to="/vms/$vmId"
          params={{ vmId }}
          search={tab === 'overview' ? {} : { tab }}
          resetScroll={false}
          replace
          aria-current={tab === current ? 'page' : undefined}
          className={cn(
            '-mb-px flex h-9 items-center border-b-2 px-3 pointer-coarse:h-11',
            tab === current
              ? 'border-ink font-medium text-ink'
              : 'border-transparent text-ink-2 hover:text-ink',
          )}
        >
          {TAB_LABELS[tab]}
        </Link>
      ))}
    </nav>
  );
}

/** Says a change of state once, politely; the first state is read with the page. */
function useAnnouncedStatus(vm: Vm | undefined): void {
  const last = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (!vm) return;
    const words = isSilent(vm)
      ? 'not known: its host is not heard'
      : statusLook(vm.status).label.toLowerCase();
    if (last.current && last.current !== words) announce(`${vm.name} is ${words}`);
    last.current = words;
  }, [vm]);
}

function VmView({ vm, failedUpdate, retry }: { vm: Vm; failedUpdate: unknown; retry: () => void }) {
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
  useHurry(isChanging(vm));
  useAnnouncedStatus(vm);
  return (
    <Page
      title={vm.name}
      badge={<VmStatus vm={vm} />}
      summary={<span className="font-mono text-xs break-all text-ink-3">{vm.id}</span>}
      aside={<ActionButtons vm={vm} lifecycle={lifecycle} />}
    >
      {lifecycle.failure}
      {failedUpdate != null && (
        <ErrorNote
          className="mb-3"
          what="This page could not be updated."
          error={failedUpdate}
          onRetry={retry}
        />
      )}
      <HostSilence vm={vm} />
      <VmHeadline vm={vm} />
      <Tabs vmId={vm.id} current={tab} />
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
  if (vm.data) return <VmView vm={vm.data} failedUpdate={vm.error} retry={() => void vm.refetch()} />;
  if (vm.isError && asProblem(vm.error).status === 404) {
    return (
      <Page title="VM not found">
        <EmptyState
          action={
            <Link to="/vms" className="underline underline-offset-2">
              Go to your VMs
            </Link>
          }
        >
          There is no VM <code className="font-mono break-all">{vmId}</code> on your account.
        </EmptyState>
      </Page>
    );
  }
  return (
    <Page title="VM">
      {vm.isError ? (
        <ErrorNote what="This VM did not load." error={vm.error} onRetry={() => void vm.refetch()} />
      ) : (
        <div className="grid gap-4">
          <Skeleton className="h-24 w-full rounded-lg" />
          <Skeleton className="h-64 w-full rounded-lg" />
        </div>
      )}
    </Page>
  );
}
