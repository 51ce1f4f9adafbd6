import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Suspense } from 'react';
import { buttonClass } from '@/design/Button';
import { type Loadable, LoadFailure } from '@/design/LoadFailure';
import { Page } from '@/design/Page';
import { ResourcePage } from '@/design/ResourcePage';
import { RouteTabs } from '@/design/RouteTabs';
import { AsOf, Skeleton } from '@/design/states';
import { HostStatus, hostLook } from '@/features/hosts';
import { lazyPart } from '@/lib/lazy-part';
import { useAnnounced } from '@/lib/use-announced';
import type { Host } from '@/types/domain';
import { MACHINE_INTERVAL_MS, machineQuery } from '../api';
import { MachineActions } from '../components/MachineActions';
import { MachineHeadline } from '../components/MachineHeadline';
import { TABS } from '../search';

const Overview = lazyPart(() => import('../components/MachineOverview'));
const Metrics = lazyPart(() => import('../components/Metrics'));
const SelfTests = lazyPart(() => import('../components/SelfTests'));
const Prices = lazyPart(() => import('../components/Prices'));
const Events = lazyPart(() => import('../components/MachineEvents'));
const Settings = lazyPart(() => import('../components/MachineSettings'));

const route = getRouteApi('/_console/provider/machines/$hostId');

interface MachineViewProps {
  host: Host;
  query: Loadable & { dataUpdatedAt: number };
}

function MachineView({ host, query }: MachineViewProps) {
  const { tab = 'overview', ...range } = route.useSearch();
  const navigate = route.useNavigate();
  useAnnounced(host.name, hostLook(host).label.toLowerCase());
  return (
    <Page
      title={host.name}
      badge={<HostStatus host={host} />}
      summary={<span className="font-mono text-xs break-all text-ink-3">{host.id}</span>}
      aside={
        <>
          <AsOf at={query.dataUpdatedAt} intervalMs={MACHINE_INTERVAL_MS} />
          <MachineActions host={host} updatedAt={query.dataUpdatedAt} />
        </>
      }
    >
      <LoadFailure className="mb-3" query={query} name="This page" />
      <MachineHeadline host={host} />
      <RouteTabs
        label="Machine"
        className="mb-4"
        tabs={TABS}
        current={tab}
        link={(to) => ({
          to: '/provider/machines/$hostId',
          params: { hostId: host.id },
          search: { tab: to === 'overview' ? undefined : to },
          resetScroll: false,
          replace: true,
        })}
      />
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
  return (
    <ResourcePage
      query={machine}
      noun="Machine"
      id={hostId}
      back={
        <Link to="/provider" className={buttonClass()}>
          Go to your machines
        </Link>
      }
    >
      {(host) => <MachineView host={host} query={machine} />}
    </ResourcePage>
  );
}
