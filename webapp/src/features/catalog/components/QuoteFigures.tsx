import { RotateCw } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/design/Button';
import { cn } from '@/design/cn';
import { Skeleton } from '@/design/states';
import { formatMicros, formatMonthly, formatParts, formatRate } from '@/lib/money';
import { formatSpan, formatTicking } from '@/lib/time';
import type { Quote } from '@/types/domain';
import { itemText, priceUnit } from '../model';
import type { QuoteState } from './use-quote';

function figures(quote: Quote): readonly (readonly [string, string])[] {
  return [
    ['Running', `${formatRate(quote.rate_nanos_per_hour)}/hr`],
    ['Per month', `${formatMonthly(quote.rate_nanos_per_hour)}/mo`],
    ['While stopped', `${formatRate(quote.stopped_rate_nanos_per_hour)}/hr`],
    ['Held at start', formatMicros(quote.hold_micros)],
    ['Balance lasts', quote.balance_lasts_s == null ? '—' : formatSpan(quote.balance_lasts_s)],
  ];
}

function Lines({ quote }: { quote: Quote }) {
  const { parts, total } = formatParts(quote.lines.map((line) => line.rate_nanos_per_hour));
  return (
    <table aria-label="Quote lines" className="w-full max-w-xl basis-full text-xs">
      <tbody>
        {quote.lines.map((line, index) => (
          <tr key={line.item} className="border-b last:border-b-0">
            <th scope="row" className="py-1 pr-3 text-left font-normal">
              {itemText(line.item)}
            </th>
            <td className="py-1 pr-3 text-right whitespace-nowrap text-ink-2">
              {line.quantity} {line.unit} × {formatRate(line.unit_rate_nanos_per_hour)}/{priceUnit(line.unit)}
            </td>
            <td className="py-1 text-right font-medium whitespace-nowrap">{parts[index]}/hr</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr className="border-t font-medium">
          <th scope="row" colSpan={2} className="py-1 pr-3 text-left font-medium">
            Total
          </th>
          <td className="py-1 text-right whitespace-nowrap">{total}/hr</td>
        </tr>
      </tfoot>
    </table>
  );
}

function Validity({ state }: { state: QuoteState }) {
  if (state.expired) {
    return (
      <Button size="sm" onClick={state.renew}>
        <RotateCw aria-hidden size={12} />
        Quote expired: get a new one
      </Button>
    );
  }
  const text = state.loading ? 'Updating the quote…' : `Quote valid for ${formatTicking(state.leftS)}`;
  return (
    <span className={cn('text-xs', state.leftS < 30 && !state.loading ? 'text-warn' : 'text-ink-3')}>
      {text}
    </span>
  );
}

/** What the server promises for what the form asks. `asked` is false while the form holds no valid size. */
export function QuoteFigures({ state, asked }: { state: QuoteState; asked: boolean }) {
  const [open, setOpen] = useState(false);
  const { quote } = state;
  if (!asked) return <p className="text-ink-2">Enter a valid size to see the price.</p>;
  if (state.error != null) {
    return (
      <Button size="sm" onClick={state.renew}>
        <RotateCw aria-hidden size={12} />
        Request a new quote
      </Button>
    );
  }
  if (!quote) return <Skeleton className="h-9 w-full max-w-xl" />;
  return (
    <div className="grid min-w-0 gap-1">
      <dl
        aria-label="Quote"
        className={cn(
          'flex flex-wrap gap-x-6 gap-y-1 transition-opacity',
          (state.expired || !state.valid) && 'opacity-55',
        )}
      >
        {figures(quote).map(([term, value]) => (
          <div key={term}>
            <dt className="text-2xs text-ink-3">{term}</dt>
            <dd className="text-sm font-semibold whitespace-nowrap">{value}</dd>
          </div>
        ))}
      </dl>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Validity state={state} />
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="h-6 text-xs underline underline-offset-2 pointer-coarse:h-11"
        >
          {open ? 'Hide details' : 'Show details'}
        </button>
      </div>
      {open && <Lines quote={quote} />}
    </div>
  );
}
