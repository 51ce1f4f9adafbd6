import { useQuery } from '@tanstack/react-query';
import { Meter } from '@/design/Meter';
import { Sparkbars } from '@/design/Sparkline';
import { AsOf, ErrorNote } from '@/design/states';
import { Tile } from '@/design/Tile';
import { formatMicros } from '@/lib/money';
import { counted } from '@/lib/quantity';
import type { Earnings, SupplyOverview } from '@/types/domain';
import { EARNINGS_INTERVAL_MS, earningsQuery, overviewQuery } from '../api';

const money = (micros: number | undefined, failed: boolean) =>
  micros === undefined ? (failed ? null : undefined) : formatMicros(micros);

/** Thirty days as bars. Only for drawing: no sum is made of them here. */
function Days({ days }: Pick<Earnings, 'days'>) {
  const most = days.reduce((top, { amount_micros }) => Math.max(top, amount_micros), 0);
  return (
    <Sparkbars
      values={days.map(({ amount_micros }) => amount_micros)}
      label={`Earned on each of ${days.length} days, at most ${formatMicros(most)}`}
      className="h-6 w-full"
    />
  );
}

function Occupancy({ overview, failed }: { overview: SupplyOverview | undefined; failed: boolean }) {
  if (!overview) return <Tile label="Occupancy" value={failed ? null : undefined} />;
  const { vcpus_used, vcpus_total, gpus_used, gpus_total } = overview.occupancy;
  const gpus = gpus_total > 0;
  const [used, total, what] = gpus ? [gpus_used, gpus_total, 'GPUs'] : [vcpus_used, vcpus_total, 'vCPUs'];
  return (
    <Tile
      label="Occupancy"
      value={
        <>
          {used}{' '}
          <span className="text-base font-normal text-ink-2">
            of {total} {what}
          </span>
        </>
      }
      note={
        <>
          {gpus && `${vcpus_used} of ${vcpus_total} vCPUs · `}
          {counted(overview.live_allocations, 'rental')} now
        </>
      }
    >
      <Meter value={used} max={total} label={`${used} of ${total} ${what} are rented`} className="my-2.5" />
    </Tile>
  );
}

/** What the machines bring, and how much of them is rented. */
export function Tiles() {
  const earnings = useQuery(earningsQuery);
  const overview = useQuery(overviewQuery);
  const { data } = earnings;
  const failed = earnings.error ?? overview.error;
  return (
    <section aria-label="Earnings and occupancy" className="mb-4 grid gap-2">
      {failed && (
        <ErrorNote
          what={
            data && overview.data ? 'The figures could not be updated.' : 'Some figures could not be loaded.'
          }
          error={failed}
          onRetry={() => void Promise.all([earnings.refetch(), overview.refetch()])}
        />
      )}
      <dl className="grid grid-cols-2 gap-2 lg:grid-cols-4">
        <Tile
          label="Earned today"
          value={money(data?.today_micros, earnings.isError)}
          note="since midnight UTC, after the fee"
        />
        <Tile
          label="This month"
          value={money(data?.month_micros, earnings.isError)}
          note={data && `${formatMicros(data.thirty_days_micros)} in 30 days`}
        >
          {data && <Days days={data.days} />}
        </Tile>
        <Tile
          label="Pending payout"
          value={money(data?.pending_payout_micros, earnings.isError)}
          note="earned and not paid out yet"
        />
        <Occupancy overview={overview.data} failed={overview.isError} />
      </dl>
      <AsOf
        at={data ? Date.parse(data.as_of) : 0}
        intervalMs={EARNINGS_INTERVAL_MS}
        className="justify-self-end"
      />
    </section>
  );
}
