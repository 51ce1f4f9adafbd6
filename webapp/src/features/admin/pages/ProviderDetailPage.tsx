import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import { Button, buttonClass } from '@/design/Button';
import { type Loadable, LoadFailure } from '@/design/LoadFailure';
import { Section } from '@/design/Page';
import { ResourcePage } from '@/design/ResourcePage';
import { RouteTabs } from '@/design/RouteTabs';
import { StatusChip } from '@/design/StatusChip';
import { AsOf, Notice, Skeleton } from '@/design/states';
import { Tile } from '@/design/Tile';
import { useLocked } from '@/lib/hooks';
import { lazyPart } from '@/lib/lazy-part';
import { formatMicros } from '@/lib/money';
import { counted, formatCount } from '@/lib/quantity';
import { isAdmin } from '@/lib/roles';
import { formatDay } from '@/lib/time';
import type { ProviderDetail } from '@/types/domain';
import { DETAIL_INTERVAL_MS, providerQuery } from '../api';
import { AdminFrame, OperatorsOnly, useOperator } from '../components/AdminFrame';
import { AuditLog, type TakenAction, TakenEntry } from '../components/AuditLog';
import { HostTable } from '../components/HostTable';
import { useProviderActions } from '../components/provider-actions';
import { providerLook, TIER_LABELS } from '../model';
import { PROVIDER_TABS } from '../search';

const ProviderMetrics = lazyPart(() => import('../components/ProviderMetrics'));

const route = getRouteApi('/_console/admin/providers/$providerId');

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
        note={`${counted(live, 'rental')} now`}
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

function StateNotice({ provider }: { provider: ProviderDetail }) {
  if (provider.state === 'banned') {
    return <Notice tone="warn">Banned{provider.state_reason && `: “${provider.state_reason}”`}.</Notice>;
  }
  if (provider.draining) {
    return (
      <Notice tone="wait">
        Draining: no new workloads are placed on its machines. Running workloads continue.
      </Notice>
    );
  }
  return null;
}

interface ViewProps {
  provider: ProviderDetail;
  query: Loadable & { dataUpdatedAt: number };
}

function ProviderView({ provider, query }: ViewProps) {
  const { tab = 'overview', ...range } = route.useSearch();
  const navigate = route.useNavigate();
  const admin = isAdmin(useOperator());
  const [taken, setTaken] = useState<TakenAction | null>(null);
  const actions = useProviderActions(provider, setTaken);
  const locked = useLocked(query.dataUpdatedAt, DETAIL_INTERVAL_MS);
  const near = { onPointerEnter: actions.prefetch, onFocus: actions.prefetch, disabled: locked };
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
              <Button {...near} onClick={actions.askTier}>
                Change tier
              </Button>
              {actions.decisions.map((decision) => (
                <Button
                  key={decision.verb}
                  {...near}
                  tone={decision.danger ? 'danger' : 'secondary'}
                  onClick={() => actions.ask(decision)}
                >
                  {decision.verb}
                </Button>
              ))}
            </>
          )}
        </>
      }
    >
      <LoadFailure query={query} name="This page" />
      {taken && <TakenEntry {...taken} />}
      <StateNotice provider={provider} />
      <RouteTabs
        label="Provider"
        tabs={PROVIDER_TABS}
        current={tab}
        link={(to) => ({
          to: '/admin/providers/$providerId',
          params: { providerId: provider.id },
          search: { tab: to === 'overview' ? undefined : to },
          resetScroll: false,
          replace: true,
        })}
      />
      {tab === 'overview' && (
        <>
          <Figures provider={provider} />
          <HostTable provider={provider} admin={admin} onTaken={setTaken} />
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
      {tab === 'audit' && (
        <Section title="Audit log of this provider" flush>
          <AuditLog of={{ resource: provider.id }} empty="No entries yet." />
        </Section>
      )}
      {actions.dialog}
    </AdminFrame>
  );
}

function Provider() {
  const { providerId } = route.useParams();
  const provider = useQuery(providerQuery(providerId));
  return (
    <ResourcePage
      query={provider}
      noun="Provider"
      id={providerId}
      frame={AdminFrame}
      back={
        <Link to="/admin/providers" className={buttonClass()}>
          Go to the providers
        </Link>
      }
    >
      {(data) => <ProviderView key={providerId} provider={data} query={provider} />}
    </ResourcePage>
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
