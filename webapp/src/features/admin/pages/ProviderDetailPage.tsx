import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import { Button, buttonClass } from '@/design/Button';
import { cn } from '@/design/cn';
import { Section } from '@/design/Page';
import { StatusChip } from '@/design/StatusChip';
import { AsOf, EmptyState, ErrorNote, Notice, Skeleton } from '@/design/states';
import { Tile } from '@/design/Tile';
import { useConnection, useNow } from '@/lib/hooks';
import { lazyPart } from '@/lib/lazy-part';
import { formatMicros } from '@/lib/money';
import { asProblem } from '@/lib/problem';
import { formatCount } from '@/lib/quantity';
import { isAdmin } from '@/lib/roles';
import { formatDay } from '@/lib/time';
import type { ProviderDetail } from '@/types/domain';
import { DETAIL_INTERVAL_MS, providerQuery } from '../api';
import { ActLine, Acts } from '../components/Acts';
import { AdminFrame, OperatorsOnly, useOperator } from '../components/AdminFrame';
import { HostTable } from '../components/HostTable';
import { useProviderActs } from '../components/provider-acts';
import type { Recorded } from '../components/recorded';
import { providerLook, TIER_LABELS } from '../model';
import { PROVIDER_TABS, type ProviderTab } from '../search';

const ProviderMetrics = lazyPart(() => import('../components/ProviderMetrics'));

const route = getRouteApi('/_console/admin/providers/$providerId');

/** What is seen is too old to act on: past five times its interval. */
const LOCK_INTERVALS = 5;
const TAB_LABELS: Record<ProviderTab, string> = {
  overview: 'Overview',
  metrics: 'Metrics',
  acts: 'Operators’ acts',
};

function Tabs({ providerId, current }: { providerId: string; current: ProviderTab }) {
  return (
    <nav aria-label="Provider" className="flex gap-1 border-b">
      {PROVIDER_TABS.map((tab) => (
        <Link
          key={tab}
          to="/admin/providers/$providerId"
          params={{ providerId }}
          search={tab === 'overview' ? {} : { tab }}
          resetScroll={false}
          replace
          aria-current={tab === current ? 'page' : undefined}
          activeOptions={{ exact: true }}
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

const share = (used: number, total: number) => `${formatCount(used)} of ${formatCount(total)}`;

function Figures({ provider }: { provider: ProviderDetail }) {
  const { counts, occupancy, live_allocations: live } = provider;
  const gpus = occupancy.gpus_total > 0;
  return (
    <dl className="grid grid-cols-2 gap-2 lg:grid-cols-4">
      <Tile
        label="Machines"
        value={formatCount(counts.total)}
        note={`${formatCount(counts.available)} available`}
      />
      <Tile
        label={gpus ? 'GPUs rented' : 'vCPUs rented'}
        value={
          gpus
            ? share(occupancy.gpus_used, occupancy.gpus_total)
            : share(occupancy.vcpus_used, occupancy.vcpus_total)
        }
        note={live === 1 ? '1 rental now' : `${formatCount(live)} rentals now`}
      />
      <Tile
        label="Earned in 30 days"
        value={formatMicros(provider.thirty_days_micros)}
        note="after the fee"
      />
      <Tile
        label="Pending payout"
        value={formatMicros(provider.pending_payout_micros)}
        note="earned and not paid out yet"
      />
    </dl>
  );
}

function Standing({ provider }: { provider: ProviderDetail }) {
  if (provider.state === 'banned') {
    return <Notice tone="warn">Banned{provider.state_reason && `: “${provider.state_reason}”`}.</Notice>;
  }
  if (provider.draining) {
    return <Notice tone="wait">Draining: its machines take no new work, what runs on them goes on.</Notice>;
  }
  return null;
}

interface ViewProps {
  provider: ProviderDetail;
  updatedAt: number;
  failure: unknown;
  retry: () => void;
}

function ProviderView({ provider, updatedAt, failure, retry }: ViewProps) {
  const { tab = 'overview', ...range } = route.useSearch();
  const navigate = route.useNavigate();
  const admin = isAdmin(useOperator());
  const [recorded, setRecorded] = useState<Recorded | null>(null);
  const acts = useProviderActs(provider, setRecorded);
  const old = useNow() - updatedAt > LOCK_INTERVALS * DETAIL_INTERVAL_MS;
  const locked = useConnection() === 'offline' || old;
  const near = { onPointerEnter: acts.prefetch, onFocus: acts.prefetch, disabled: locked };
  return (
    <AdminFrame
      title={provider.display_name}
      badge={
        <>
          <StatusChip {...providerLook(provider)} />
          <span className="text-ink-2">{TIER_LABELS[provider.tier]}</span>
        </>
      }
      summary={
        <span className="text-xs break-all text-ink-3">
          {provider.email ?? 'account deleted'} · <span className="font-mono">{provider.id}</span> · since{' '}
          {formatDay(provider.created_at)}
        </span>
      }
      aside={
        <>
          <AsOf at={Date.parse(provider.as_of)} intervalMs={DETAIL_INTERVAL_MS} />
          {admin && (
            <>
              <Button {...near} onClick={acts.askTier}>
                Tier
              </Button>
              {acts.decisions.map((decision) => (
                <Button
                  key={decision.verb}
                  {...near}
                  tone={decision.danger ? 'danger' : 'secondary'}
                  onClick={() => acts.ask(decision)}
                >
                  {decision.verb}
                </Button>
              ))}
            </>
          )}
        </>
      }
    >
      {failure != null && (
        <ErrorNote what="This page could not be updated." error={failure} onRetry={retry} />
      )}
      {recorded && <ActLine {...recorded} />}
      <Standing provider={provider} />
      <Tabs providerId={provider.id} current={tab} />
      {tab === 'overview' && (
        <>
          <Figures provider={provider} />
          <HostTable provider={provider} admin={admin} onRecorded={setRecorded} />
        </>
      )}
      {tab === 'metrics' && (
        <Suspense fallback={<Skeleton className="h-64 w-full" />}>
          <ProviderMetrics
            providerId={provider.id}
            hasGpus={provider.occupancy.gpus_total > 0}
            range={range}
            onRange={(next) => void navigate({ search: { tab: 'metrics', ...next }, replace: true })}
          />
        </Suspense>
      )}
      {tab === 'acts' && (
        <Section title="Acts on this provider" flush>
          <Acts of={{ resource: provider.id }} empty="No operator has decided on this provider yet." />
        </Section>
      )}
      {acts.dialog}
    </AdminFrame>
  );
}

function Provider() {
  const { providerId } = route.useParams();
  const provider = useQuery(providerQuery(providerId));
  if (provider.data) {
    return (
      <ProviderView
        key={providerId}
        provider={provider.data}
        updatedAt={provider.dataUpdatedAt}
        failure={provider.error}
        retry={() => void provider.refetch()}
      />
    );
  }
  if (provider.isError && asProblem(provider.error).status === 404) {
    return (
      <AdminFrame title="Provider not found">
        <EmptyState
          action={
            <Link to="/admin/providers" className={buttonClass()}>
              Go to the providers
            </Link>
          }
        >
          Nobody with the id <code className="font-mono break-all">{providerId}</code> brings machines.
        </EmptyState>
      </AdminFrame>
    );
  }
  return (
    <AdminFrame title="Provider">
      {provider.isError ? (
        <ErrorNote
          what="This provider did not load."
          error={provider.error}
          onRetry={() => void provider.refetch()}
        />
      ) : (
        <>
          <Skeleton className="h-24 w-full rounded-lg" />
          <Skeleton className="h-64 w-full rounded-lg" />
        </>
      )}
    </AdminFrame>
  );
}

/** One provider: what it has, what it earns, and what operators may decide. */
export function ProviderDetailPage() {
  return (
    <OperatorsOnly title="Provider">
      <Provider />
    </OperatorsOnly>
  );
}
