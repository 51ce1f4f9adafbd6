import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { LoadFailure } from '@/design/LoadFailure';
import { Meter } from '@/design/Meter';
import { Section } from '@/design/Page';
import { StatusChip } from '@/design/StatusChip';
import { AsOf, EmptyState, Skeleton } from '@/design/states';
import { Tile } from '@/design/Tile';
import { stateLook } from '@/features/hosts';
import { formatMonthly, formatRate } from '@/lib/money';
import { useItems } from '@/lib/pages';
import { counted, formatCount } from '@/lib/quantity';
import { formatAge, secondsSince } from '@/lib/time';
import { readable } from '@/lib/words';
import type { PlatformStats } from '@/types/domain';
import { risksQuery, STATS_INTERVAL_MS, statsQuery } from '../api';
import { AdminFrame, OperatorsOnly } from '../components/AdminFrame';
import { AuditLog } from '../components/AuditLog';
import { RiskSubject, SeverityChip } from '../components/RiskChips';
import { byUrgency, hostsByState, pressures, pressureText, RISK_LABELS } from '../model';

const MOST_RISKS = 6;
const OPEN = { state: 'open' } as const;

function Figures({ stats, failed }: { stats: PlatformStats | undefined; failed: boolean }) {
  const show = (value: (of: PlatformStats) => string) => (stats ? value(stats) : failed ? null : undefined);
  return (
    <dl className="grid grid-cols-2 gap-2 md:grid-cols-3 xl:grid-cols-5">
      <Tile
        label="Unresolved risks"
        value={show(({ risks }) => formatCount(risks.open))}
        note={
          stats &&
          (stats.risks.critical > 0 ? (
            <StatusChip tone="bad" label={`${formatCount(stats.risks.critical)} critical`} />
          ) : (
            'none critical'
          ))
        }
      />
      <Tile
        label="Machines"
        value={show(({ hosts }) => formatCount(hosts.total))}
        note={stats && `${formatCount(stats.hosts.available)} available`}
      />
      <Tile
        label="Burn of all renters"
        value={show(({ burn_nanos_per_hour }) => `${formatRate(burn_nanos_per_hour)}/hr`)}
        note={stats && `≈${formatMonthly(stats.burn_nanos_per_hour)}/mo at this rate`}
      />
      <Tile
        label="Rentals"
        value={show(({ allocations }) => formatCount(allocations.live))}
        note="live allocations"
      />
      <Tile
        label="Accounts"
        value={show(({ users }) => formatCount(users))}
        note={stats && counted(stats.providers, 'provider')}
      />
    </dl>
  );
}

function Health({ stats }: { stats: PlatformStats }) {
  const states = hostsByState(stats.hosts);
  if (states.length === 0) return <EmptyState>No machines yet.</EmptyState>;
  return (
    <ul className="grid gap-2">
      {states.map(({ state, count }) => (
        <li key={state} className="grid grid-cols-[7.5rem_minmax(0,1fr)_2.5rem] items-center gap-3">
          <StatusChip {...stateLook(state)} />
          <Meter
            value={count}
            max={stats.hosts.total}
            label={`${count} of ${stats.hosts.total} machines are ${state}`}
          />
          <span className="text-right font-medium">{formatCount(count)}</span>
        </li>
      ))}
    </ul>
  );
}

function Capacity({ stats }: { stats: PlatformStats }) {
  const kinds = pressures(stats.capacity);
  if (kinds.length === 0) return <EmptyState>No capacity offered.</EmptyState>;
  return (
    <ul className="grid gap-2">
      {kinds.map((kind) => (
        <li key={kind.what} className="grid grid-cols-[5rem_minmax(0,1fr)_auto] items-center gap-3">
          <span className="text-ink-2">{kind.what}</span>
          <Meter
            value={kind.total - kind.free}
            max={kind.total}
            label={`${kind.what}: ${pressureText(kind)}`}
          />
          <span className="min-w-28 text-right whitespace-nowrap">{pressureText(kind)}</span>
        </li>
      ))}
    </ul>
  );
}

function Workloads({ stats }: { stats: PlatformStats }) {
  const counts = Object.entries(stats.workloads);
  if (counts.length === 0) return <EmptyState>No billed workloads.</EmptyState>;
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-1.5">
      {counts.map(([status, count]) => (
        <div key={status} className="flex justify-between gap-2">
          <dt className="text-ink-2">{readable(status)}</dt>
          <dd className="font-medium">{formatCount(count ?? 0)}</dd>
        </div>
      ))}
    </dl>
  );
}

function OpenRisks() {
  const risks = useInfiniteQuery(risksQuery(OPEN));
  const items = useItems(risks);
  const rows = items && byUrgency(items);
  return (
    <Section
      title="Open risks"
      flush
      aside={
        <Link to="/admin/risks" className="text-xs underline underline-offset-2">
          All risks
        </Link>
      }
    >
      <LoadFailure className="m-3" query={risks} name="The risks" />
      {!rows && !risks.isError && <Skeleton className="m-3 h-16" />}
      {rows?.length === 0 && !risks.hasNextPage && <EmptyState>No open risks.</EmptyState>}
      <ul>
        {rows?.slice(0, MOST_RISKS).map((risk) => (
          <li
            key={risk.id}
            className="grid gap-x-3 gap-y-0.5 border-b px-3 py-2 last:border-b-0 sm:grid-cols-[6rem_minmax(0,1fr)_auto]"
          >
            <span>
              <SeverityChip severity={risk.severity} />
            </span>
            <span className="min-w-0">
              <span className="font-medium">{RISK_LABELS[risk.kind]}</span> <RiskSubject risk={risk} />
              <span className="block break-words text-ink-2">{risk.detail}</span>
            </span>
            <span className="text-xs whitespace-nowrap text-ink-3">
              {formatAge(secondsSince(risk.last_seen_at))}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Overview() {
  const stats = useQuery(statsQuery);
  const { data } = stats;
  const blank = !data && !stats.isError && <Skeleton className="h-24" />;
  return (
    <AdminFrame
      title="Admin"
      summary="Open risks, fleet health and capacity."
      aside={<AsOf at={data ? Date.parse(data.as_of) : 0} intervalMs={STATS_INTERVAL_MS} />}
    >
      <LoadFailure query={stats} name="The figures" />
      <Figures stats={data} failed={stats.isError} />
      <OpenRisks />
      <div className="grid gap-3 lg:grid-cols-2 xl:grid-cols-3">
        <Section title="Fleet health">{data ? <Health stats={data} /> : blank}</Section>
        <Section title="Capacity">{data ? <Capacity stats={data} /> : blank}</Section>
        <Section title="Billed workloads">{data ? <Workloads stats={data} /> : blank}</Section>
      </div>
      <Section title="Latest actions" flush>
        <AuditLog of={{}} empty="No entries yet." />
      </Section>
    </AdminFrame>
  );
}

/** The platform at a glance: risks first, then the fleet. */
export function OverviewPage() {
  return (
    <OperatorsOnly title="Admin">
      <Overview />
    </OperatorsOnly>
  );
}
