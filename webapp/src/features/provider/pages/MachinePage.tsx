import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Suspense, useEffect, useRef } from 'react';
import { buttonClass } from '@/design/Button';
import { cn } from '@/design/cn';
import { Page } from '@/design/Page';
import { AsOf, EmptyState, ErrorNote, Skeleton } from '@/design/states';
import { HostStatus, hostLook } from '@/features/hosts';
import { announce } from '@/lib/announce';
import { lazyPart } from '@/lib/lazy-part';
import { asProblem } from '@/lib/problem';
import type { Host } from '@/types/domain';
import { MACHINE_INTERVAL_MS, machineQuery } from '../api';
import { MachineActions } from '../components/MachineActions';
import { MachineHeadline } from '../components/MachineHeadline';
import { type MachineTab, TAB_LABELS, TABS } from '../search';

const Overview = lazyPart(() => import('../components/MachineOverview'));
const Metrics = lazyPart(() => import('../components/Metrics'));
const SelfTests = lazyPart(() => import('../components/SelfTests'));
const Prices = lazyPart(() => import('../components/Prices'));
const Events = lazyPart(() => import('../components/MachineEvents'));
const Settings = lazyPart(() => import('../components/MachineSettings'));

const route = getRouteApi('/_console/provider/machines/$hostId');

function Tabs({ hostId, current }: { hostId: string; current: MachineTab }) {
  return (
    <nav aria-label="Machine" className="mb-4 flex gap-1 overflow-x-auto border-b">
      {TABS.map((tab) => (
        <Link
          key={tab}
          to="/provider/machines/$hostId"
          params={{ hostId }}
          search={tab === 'overview' ? {} : { tab }}
          resetScroll={false}
          replace
          aria-current={tab === current ? 'page' : undefined}
          className={cn(
            '-mb-px flex h-9 shrink-0 items-center border-b-2 px-3 pointer-coarse:h-11',
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
function useAnnouncedState(host: Host): void {
  const last = useRef<string | undefined>(undefined);
  const { label } = hostLook(host);
  useEffect(() => {
    if (last.current && last.current !== label) announce(`${host.name} is ${label.toLowerCase()}`);
    last.current = label;
  }, [label, host.name]);
}

interface MachineViewProps {
  host: Host;
  updatedAt: number;
  failedUpdate: unknown;
  retry: () => void;
}

function MachineView({ host, updatedAt, failedUpdate, retry }: MachineViewProps) {
  const { tab = 'overview', ...range } = route.useSearch();
  const navigate = route.useNavigate();
  useAnnouncedState(host);
  return (
    <Page
      title={host.name}
      badge={<HostStatus host={host} />}
      summary={<span className="font-mono text-xs break-all text-ink-3">{host.id}</span>}
      aside={
        <>
          <AsOf at={updatedAt} intervalMs={MACHINE_INTERVAL_MS} />
          <MachineActions host={host} updatedAt={updatedAt} />
        </>
      }
    >
      {failedUpdate != null && (
        <ErrorNote
          className="mb-3"
          what="This page could not be updated."
          error={failedUpdate}
          onRetry={retry}
        />
      )}
      <MachineHeadline host={host} />
      <Tabs hostId={host.id} current={tab} />
      <Suspense fallback={<Skeleton className="h-64 w-full rounded-lg" />}>
        {tab === 'overview' && <Overview host={host} />}
        {tab === 'metrics' && (
          <Metrics
            host={host}
            range={range}
            onRange={(next) => void navigate({ search: { tab: 'metrics', ...next }, resetScroll: false })}
          />
        )}
        {tab === 'self-test' && <SelfTests hostId={host.id} />}
        {tab === 'prices' && <Prices host={host} />}
        {tab === 'events' && <Events hostId={host.id} />}
        {tab === 'settings' && <Settings host={host} />}
      </Suspense>
    </Page>
  );
}

export function MachinePage() {
  const { hostId } = route.useParams();
  const machine = useQuery(machineQuery(hostId));
  if (machine.data) {
    return (
      <MachineView
        host={machine.data}
        updatedAt={machine.dataUpdatedAt}
        failedUpdate={machine.error}
        retry={() => void machine.refetch()}
      />
    );
  }
  if (machine.isError && asProblem(machine.error).status === 404) {
    return (
      <Page title="Machine not found">
        <EmptyState
          action={
            <Link to="/provider" className={buttonClass()}>
              Go to your machines
            </Link>
          }
        >
          You have no machine <code className="font-mono break-all">{hostId}</code>.
        </EmptyState>
      </Page>
    );
  }
  return (
    <Page title="Machine">
      {machine.isError ? (
        <ErrorNote
          what="This machine did not load."
          error={machine.error}
          onRetry={() => void machine.refetch()}
        />
      ) : (
        <div className="grid gap-4">
          <Skeleton className="h-20 w-full rounded-lg" />
          <Skeleton className="h-64 w-full rounded-lg" />
        </div>
      )}
    </Page>
  );
}
