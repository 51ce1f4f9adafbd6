import { CircleX, RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { useNow, useSession } from '@/lib/hooks';
import { freshnessOf } from '@/lib/polling';
import { asProblem } from '@/lib/problem';
import { formatClock } from '@/lib/time';
import { Button } from './Button';
import { cn } from './cn';

/** A block of the size of what will take its place. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cn('skeleton block rounded-sm bg-line', className)} />;
}

/** In place of a value that there is not. */
export const noValue = <span className="text-ink-3">—</span>;

/** One sentence and one action. */
export function EmptyState({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className="grid justify-items-center gap-3 px-4 py-12 text-center text-ink-2">
      <p className="max-w-md">{children}</p>
      {action}
    </div>
  );
}

interface ErrorNoteProps {
  error: unknown;
  /** What did not work, in the reader's words. */
  what: string;
  onRetry?: (() => void) | undefined;
  children?: ReactNode;
  className?: string;
}

/** A failure where the data or the act was: cause, request id, and a way on. */
export function ErrorNote({ error, what, onRetry, children, className }: ErrorNoteProps) {
  const problem = asProblem(error);
  return (
    <div
      role="alert"
      className={cn('flex gap-2 rounded-md border border-bad bg-bad-bg p-3 text-bad', className)}
    >
      <CircleX aria-hidden size={16} className="mt-0.5 shrink-0" />
      <div className="grid min-w-0 flex-1 gap-1">
        <p className="font-medium">{what}</p>
        <p className="break-words">{problem.detail ?? problem.title}</p>
        {problem.status === 403 && <OwnRole />}
        {children}
        {(problem.requestId || problem.status > 0) && (
          <p className="font-mono text-2xs break-all">
            {problem.code}
            {problem.requestId && ` · request ${problem.requestId}`}
          </p>
        )}
      </div>
      {onRetry && (
        <Button size="sm" onClick={onRetry} className="self-start">
          <RotateCw aria-hidden size={12} />
          Retry
        </Button>
      )}
    </div>
  );
}

export function OwnRole() {
  const session = useSession();
  if (session.status !== 'signed-in') return null;
  return <p>You are signed in with the role {session.user.role}.</p>;
}

/** A warning or a notice that is not a failure. */
export function Notice({ tone, children }: { tone: 'warn' | 'wait' | 'ok'; children: ReactNode }) {
  const style = { warn: 'bg-warn-bg text-warn', wait: 'bg-wait-bg text-wait', ok: 'bg-ok-bg text-ok' }[tone];
  return <p className={cn('rounded-md px-3 py-2', style)}>{children}</p>;
}

/** "as of 15:42:34"; amber once older than twice its refresh interval. */
export function AsOf({ at, intervalMs, className }: { at: number; intervalMs: number; className?: string }) {
  const now = useNow(at > 0);
  if (!at) return <span className={className}>&nbsp;</span>;
  const stale = freshnessOf(now - at, intervalMs) !== 'fresh';
  return (
    <span className={cn('text-xs whitespace-nowrap', stale ? 'text-warn' : 'text-ink-3', className)}>
      as of {formatClock(at)}
      {stale && ' (not updating)'}
    </span>
  );
}
