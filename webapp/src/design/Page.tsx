import type { ReactNode } from 'react';
import { cn } from './cn';

interface PageProps {
  title: string;
  /** Beside the title, for example a status. */
  badge?: ReactNode;
  summary?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
}

/** The one `h1` of a route; it takes focus on navigation. */
export function Page({ title, badge, summary, aside, children }: PageProps) {
  return (
    <div className="mx-auto w-full max-w-[1480px] p-4 lg:p-6">
      <title>{`${title} · ShareMTC`}</title>
      <header className="mb-4 flex flex-wrap items-end justify-between gap-x-6 gap-y-2">
        <div className="grid min-w-0 gap-0.5">
          <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
            <h1 tabIndex={-1} className="min-w-0 text-xl font-semibold break-words">
              {title}
            </h1>
            {badge}
          </div>
          {summary && <div className="text-ink-2">{summary}</div>}
        </div>
        {aside && <div className="flex flex-wrap items-center gap-2">{aside}</div>}
      </header>
      {children}
    </div>
  );
}

interface SectionProps {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
  /** Content that brings its own padding, such as a table. */
  flush?: boolean;
}

/** A titled card. */
export function Section({ title, aside, children, className, flush = false }: SectionProps) {
  return (
    <section aria-label={title} className={cn('min-w-0 rounded-lg border bg-surface', className)}>
      <div className="flex min-h-11 flex-wrap items-center justify-between gap-x-4 gap-y-1 border-b px-3 py-1.5">
        <h2 className="text-sm font-semibold">{title}</h2>
        {aside}
      </div>
      <div className={flush ? '[&_.table-scroll]:rounded-t-none' : 'p-3'}>{children}</div>
    </section>
  );
}

/** Term and value pairs. */
export function Facts({
  items,
  className,
}: {
  items: readonly (readonly [string, ReactNode])[];
  className?: string;
}) {
  return (
    <dl className={cn('grid gap-x-6 gap-y-3', className)}>
      {items.map(([term, value]) => (
        <div key={term} className="min-w-0">
          <dt className="text-2xs text-ink-3">{term}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
