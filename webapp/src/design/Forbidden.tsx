import { Lock } from 'lucide-react';
import type { ReactNode } from 'react';
import { OwnRole } from './states';

/** A page that the reader's role does not open: which role it takes, which one they have, and a way on. */
export function Forbidden({ needs, action }: { needs: readonly string[]; action?: ReactNode }) {
  return (
    <div className="grid justify-items-center gap-3 rounded-lg border bg-surface px-4 py-12 text-center">
      <Lock aria-hidden size={20} className="text-ink-3" />
      <div className="grid max-w-md gap-1 text-ink-2">
        <p className="font-medium text-ink">You do not have access to this page.</p>
        <p>It requires one of these roles: {needs.join(', ')}.</p>
        <OwnRole />
      </div>
      {action}
    </div>
  );
}
