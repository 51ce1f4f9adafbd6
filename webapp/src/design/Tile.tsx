import type { ReactNode } from 'react';
import { Skeleton } from './states';

interface TileProps {
  label: string;
  /** Undefined while it loads; null when it is not known. */
  value: ReactNode;
  note?: ReactNode;
  children?: ReactNode;
}

/** One figure with what it means. */
export function Tile({ label, value, note, children }: TileProps) {
  return (
    <div className="grid min-w-0 content-start gap-1 rounded-lg border bg-surface p-3">
      <dt className="text-xs text-ink-2">{label}</dt>
      <dd className="grid gap-1">
        {value === undefined ? (
          <Skeleton className="h-7 w-24" />
        ) : (
          <span className="text-xl font-semibold break-words">{value ?? '—'}</span>
        )}
        {children}
        <span className="min-h-4 text-xs text-ink-3">{note}</span>
      </dd>
    </div>
  );
}
