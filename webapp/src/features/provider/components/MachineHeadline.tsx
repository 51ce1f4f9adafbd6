import { useQuery } from '@tanstack/react-query';
import { Figure } from '@/design/Figure';
import { Heartbeat, Reliability, Since, stateReasonText } from '@/features/hosts';
import { formatMicros } from '@/lib/money';
import { formatDateTime } from '@/lib/time';
import type { Host } from '@/types/domain';
import { earningsQuery, marketQuery } from '../api';
import { headlineComparison } from '../market';
import { whyUnavailable } from '../model';
import { PriceComparisonCell } from './PriceComparison';

function Window({ maintenance }: { maintenance: NonNullable<Host['maintenance']> }) {
  const { starts_at, ends_at, reason, by_operator } = maintenance;
  return (
    <p className="border-t bg-wait-bg px-3 py-2 text-wait">
      Maintenance from {formatDateTime(starts_at)} to {formatDateTime(ends_at)}
      {reason && `: ${reason}`}
      {by_operator && '. Set by an operator.'}
    </p>
  );
}

/** In what state it is and why, whether it is heard, and what it brings. */
export function MachineHeadline({ host }: { host: Host }) {
  const marketAnswer = useQuery(marketQuery);
  const market = marketAnswer.data?.items;
  const earnings = useQuery(earningsQuery);
  const perHost = earnings.data?.per_host;
  const earned = perHost && (perHost.find(({ host_id }) => host_id === host.id)?.thirty_days_micros ?? 0);
  // A host that sells may have been full since it became ready: nothing says since when it sells again.
  const since = host.sale.since ?? (host.state === 'ready' ? undefined : host.state_at);
  return (
    <div className="mb-4 overflow-hidden rounded-lg border bg-surface">
      <dl className="flex flex-wrap gap-x-8 gap-y-3 p-3">
        <Figure
          label="Reason"
          value={<span className="font-medium">{whyUnavailable(host) ?? stateReasonText('heartbeat')}</span>}
          note={since && <Since at={since} />}
        />
        <Figure label="Last heartbeat" value={<Heartbeat at={host.last_heartbeat_at} />} />
        <Figure
          label="Earned in 30 days"
          value={earned === undefined ? '—' : formatMicros(earned)}
          note={!perHost && earnings.isError && 'not loaded'}
        />
        <Figure label="Reliability" value={<Reliability host={host} />} />
        <div>
          <dt className="text-2xs text-ink-3">Price vs market</dt>
          <dd>
            {!market && marketAnswer.isError ? (
              <span className="text-2xs text-ink-3">not loaded</span>
            ) : (
              <PriceComparisonCell comparison={market && headlineComparison(host, market)} />
            )}
          </dd>
        </div>
      </dl>
      {host.maintenance && <Window maintenance={host.maintenance} />}
    </div>
  );
}
