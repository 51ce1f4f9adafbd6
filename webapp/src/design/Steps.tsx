import { Check, Circle, LoaderCircle, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { cn } from './cn';

export interface Step {
  name: string;
  state: 'done' | 'active' | 'waiting' | 'failed';
  detail?: ReactNode;
}

const LOOK = {
  done: { icon: Check, style: 'border-ok bg-ok-bg text-ok', word: 'done' },
  active: { icon: LoaderCircle, style: 'border-wait bg-wait-bg text-wait', word: 'in progress' },
  waiting: { icon: Circle, style: 'border-control bg-surface text-ink-3', word: 'waiting' },
  failed: { icon: X, style: 'border-bad bg-bad-bg text-bad', word: 'failed' },
} as const;

/** What has happened, what is happening and what is to come: in a row where there is room, else in a column. */
export function Steps({ label, steps }: { label: string; steps: readonly Step[] }) {
  return (
    <ol aria-label={label} className="grid gap-x-2 gap-y-0 md:auto-cols-fr md:grid-flow-col">
      {steps.map((step, index) => {
        const { icon: Icon, style, word } = LOOK[step.state];
        const last = index === steps.length - 1;
        return (
          <li
            key={step.name}
            aria-current={step.state === 'active' ? 'step' : undefined}
            className="relative flex gap-2.5 pb-3 md:block md:pb-0"
          >
            {!last && (
              <span
                aria-hidden
                className={cn(
                  'absolute top-6 bottom-0 left-3 w-px md:top-3 md:right-0 md:bottom-auto md:left-8 md:h-px md:w-auto',
                  step.state === 'done' ? 'bg-ok' : 'bg-line',
                )}
              />
            )}
            <span
              aria-hidden
              className={cn('grid size-6 shrink-0 place-items-center rounded-full border', style)}
            >
              <Icon
                size={step.state === 'waiting' ? 8 : 13}
                className={step.state === 'active' ? 'animate-spin' : ''}
              />
            </span>
            <div className="md:mt-1.5">
              <p className={cn('font-medium', step.state === 'waiting' ? 'text-ink-3' : 'text-ink')}>
                {step.name}
                <span className="sr-only">, {word}</span>
              </p>
              <div className="text-xs text-ink-2">
                {step.detail ?? <span className="max-md:hidden">&nbsp;</span>}
              </div>
            </div>
          </li>
        );
      })}
    </ol>
  );
}
