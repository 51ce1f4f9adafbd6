import type { ReactNode } from 'react';

interface FigureProps {
  label: string;
  value: ReactNode;
  note?: ReactNode;
}

/** One figure of a headline, within a description list. */
export function Figure({ label, value, note }: FigureProps) {
  return (
    <div className="max-w-56 min-w-24">
      <dt className="text-2xs text-ink-3">{label}</dt>
      <dd>
        <span className="text-base font-semibold">{value}</span>
        {note && <span className="block text-2xs text-ink-3">{note}</span>}
      </dd>
    </div>
  );
}
