import { useInfiniteQuery } from '@tanstack/react-query';
import { Button } from '@/design/Button';
import { type Column, DataTable } from '@/design/DataTable';
import { LoadFailure } from '@/design/LoadFailure';
import { Section } from '@/design/Page';
import { EmptyState } from '@/design/states';
import { Tick } from '@/design/Tick';
import { accrualsQuery } from '@/features/billing';
import { formatMicrosExact, formatRate, sumMicros } from '@/lib/money';
import { useItems } from '@/lib/pages';
import { formatClock, formatDateTime, formatElapsed } from '@/lib/time';
import type { Accrual, Vm } from '@/types/domain';
import { splitCost } from '../model';
import { isBurning } from '../status';

const columns: Column<Accrual>[] = [
  {
    id: 'interval',
    header: 'Interval',
    className: 'whitespace-nowrap',
    cell: (line) => `${formatDateTime(line.started_at)} – ${formatClock(line.ended_at)}`,
  },
  {
    id: 'length',
    header: 'Length',
    align: 'right',
    className: 'whitespace-nowrap text-ink-2',
    cell: (line) => formatElapsed(Date.parse(line.ended_at) - Date.parse(line.started_at)),
  },
  {
    id: 'rate',
    header: 'Rate',
    align: 'right',
    className: 'whitespace-nowrap',
    nanos: (line) => line.rate_nanos_per_hour,
    cell: (line, places) => `${formatRate(line.rate_nanos_per_hour, places)}/hr`,
  },
  {
    id: 'amount',
    header: 'Amount',
    align: 'right',
    className: 'font-mono text-xs font-medium',
    cell: (line) => formatMicrosExact(line.amount_micros),
  },
];

function Line({ label, value, strong = false }: { label: string; value: string; strong?: boolean }) {
  return (
    <div
      className={`flex justify-between gap-4 px-3 py-1.5 ${strong ? 'border-t font-semibold' : 'text-ink-2'}`}
    >
      <dt>{label}</dt>
      <dd className="font-mono text-xs">{value}</dd>
    </div>
  );
}

/** Totals only when every line is here: a sum of some of them would be a wrong number. */
function Totals({ vm, lines, complete }: { vm: Vm; lines: readonly Accrual[]; complete: boolean }) {
  if (!complete) {
    return (
      <dl className="border-t">
        <Line
          label="Posted, lines shown"
          value={formatMicrosExact(sumMicros(lines.map((l) => l.amount_micros)))}
        />
      </dl>
    );
  }
  return (
    <Tick active={isBurning(vm)}>
      {(now) => {
        const { postedMicros, liveMicros, totalMicros } = splitCost(vm, lines, now);
        const about = isBurning(vm) ? '≈' : '';
        return (
          <dl aria-label="Totals" className="border-t">
            <Line label="Posted to the ledger" value={formatMicrosExact(postedMicros)} />
            <Line label="Not yet posted" value={about + formatMicrosExact(liveMicros)} />
            <Line strong label="Total" value={about + formatMicrosExact(totalMicros)} />
          </dl>
        );
      }}
    </Tick>
  );
}

export default function Cost({ vm }: { vm: Vm }) {
  const accruals = useInfiniteQuery(accrualsQuery(vm.allocation_id));
  const lines = useItems(accruals);
  return (
    <Section
      title="Accruals"
      flush
      aside={<span className="text-xs text-ink-3">billed by the millisecond</span>}
    >
      <LoadFailure className="m-3" query={accruals} name="The accruals" />
      {(lines || !accruals.isError) && (
        <DataTable
          label="Accruals"
          columns={columns}
          rows={lines}
          rowKey={(line) => `${line.segment}#${line.k}`}
          empty={
            <EmptyState>
              {vm.billable
                ? 'No charges posted yet. The first one appears with the next accrual run.'
                : 'This VM has not been billed.'}
            </EmptyState>
          }
        />
      )}
      {accruals.hasNextPage && (
        <div className="border-t p-2 text-center">
          <Button size="sm" busy={accruals.isFetchingNextPage} onClick={() => void accruals.fetchNextPage()}>
            Show more lines
          </Button>
        </div>
      )}
      {lines && <Totals vm={vm} lines={lines} complete={!accruals.hasNextPage} />}
    </Section>
  );
}
