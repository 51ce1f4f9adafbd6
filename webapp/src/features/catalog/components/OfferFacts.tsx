import { Check, Minus } from 'lucide-react';
import type { Offer } from '@/types/domain';
import { factsOf } from '../facts';

/** What the VM gets and does not get, in full sentences. */
export function OfferFacts({ offer }: { offer: Offer }) {
  return (
    <ul
      aria-label="What is included"
      className="mx-3 mb-3 grid gap-x-6 gap-y-1 text-xs text-ink-2 md:grid-cols-2"
    >
      {factsOf(offer).map(({ text, limits }) => {
        const Icon = limits ? Minus : Check;
        return (
          <li key={text} className="flex gap-1.5">
            <Icon
              aria-hidden
              size={14}
              className={limits ? 'mt-px shrink-0 text-warn' : 'mt-px shrink-0 text-ok'}
            />
            {text}
          </li>
        );
      })}
    </ul>
  );
}
