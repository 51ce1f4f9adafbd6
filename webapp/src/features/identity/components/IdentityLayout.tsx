import type { ReactNode } from 'react';
import { Logo } from '@/design/Logo';

const POINTS = [
  ['Exact costs', 'Billed by the millisecond at a quoted rate, in a ledger that you can read line by line.'],
  ['Visible state', 'Every phase of a start with its duration. Billing begins when the VM responds.'],
  ['Current data', 'Every figure shows when it was measured, and is marked when it is out of date.'],
] as const;

interface IdentityLayoutProps {
  title: string;
  lead: ReactNode;
  children: ReactNode;
}

/** The frame of the pages outside the console. */
export function IdentityLayout({ title, lead, children }: IdentityLayoutProps) {
  return (
    <div className="grid min-h-dvh lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
      <title>{`${title} · ShareMTC`}</title>
      <main className="grid content-start justify-items-center px-4 py-8 sm:content-center sm:py-12">
        <div className="grid w-full max-w-sm gap-6">
          <Logo />
          <div className="grid gap-1">
            <h1 tabIndex={-1} className="text-xl font-semibold">
              {title}
            </h1>
            <p className="text-ink-2">{lead}</p>
          </div>
          {children}
        </div>
      </main>
      <aside
        aria-label="About ShareMTC"
        className="hidden content-center border-l bg-surface px-12 lg:grid xl:px-20"
      >
        <div className="grid max-w-md gap-6">
          <p className="text-lg font-semibold">
            Rent compute billed by the millisecond, or share your own machines.
          </p>
          <dl className="grid border-y">
            {POINTS.map(([term, text]) => (
              <div key={term} className="grid gap-0.5 border-b py-3 last:border-b-0">
                <dt className="font-medium">{term}</dt>
                <dd className="text-ink-2">{text}</dd>
              </div>
            ))}
          </dl>
        </div>
      </aside>
    </div>
  );
}
