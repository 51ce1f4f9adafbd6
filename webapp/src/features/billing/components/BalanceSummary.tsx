import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { cn } from '@/design/cn';
import { LoadFailure } from '@/design/LoadFailure';
import { AsOf, Skeleton } from '@/design/states';
import { formatRate } from '@/lib/money';
import { formatDay, formatSpan } from '@/lib/time';
import type { Balance } from '@/types/domain';
import { BALANCE_INTERVAL_MS, balanceQuery } from '../api';
import { runwayTone, walletText } from '../model';

function Figure({
  label,
  value,
  note,
  tone,
}: {
  label: string;
  value: ReactNode;
  note: ReactNode;
  tone?: string;
}) {
  return (
    <div className="grid min-w-0 content-start gap-0.5 bg-surface p-3">
      <dt className="text-xs text-ink-2">{label}</dt>
      <dd className="grid gap-0.5">
        <span className={cn('text-xl font-semibold', tone)}>{value}</span>
        <span className="text-xs text-ink-3">{note}</span>
      </dd>
    </div>
  );
}

function Figures({ balance }: { balance: Balance }) {
  const { available, held, settled } = walletText(balance);
  const tone = { plain: undefined, low: 'text-warn', critical: 'text-bad' }[runwayTone(balance)];
  return (
    <dl className="grid gap-px overflow-hidden rounded-lg border bg-line sm:grid-cols-2 xl:grid-cols-4">
      <Figure
        label="Available"
        value={available}
        note={`${settled} settled − ${held} held`}
        {...(tone ? { tone } : {})}
      />
      <Figure label="Held" value={held} note="Reserved for running VMs; the unused part is released" />
      <Figure
        label="Burn"
        value={`${formatRate(balance.burn_nanos_per_hour)}/hr`}
        note={balance.burn_nanos_per_hour ? 'Everything billed now' : 'Nothing is billed now'}
      />
      <Figure
        label="Lasts"
        value={balance.runway_s == null ? '—' : formatSpan(balance.runway_s)}
        note={
          balance.empties_at
            ? `Runs out on ${formatDay(balance.empties_at)} at this rate`
            : 'Nothing is billed now'
        }
        {...(tone ? { tone } : {})}
      />
    </dl>
  );
}

export function BalanceSummary() {
  const balance = useQuery(balanceQuery);
  return (
    <section aria-label="Balance" className="grid gap-2">
      {balance.data ? (
        <Figures balance={balance.data} />
      ) : (
        !balance.isError && <Skeleton className="h-24 w-full rounded-lg" />
      )}
      <LoadFailure query={balance} name="The balance" />
      <AsOf at={balance.dataUpdatedAt} intervalMs={BALANCE_INTERVAL_MS} className="justify-self-end" />
    </section>
  );
}
