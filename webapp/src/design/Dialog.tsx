import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from './Button';

interface DialogProps {
  title: string;
  description?: ReactNode;
  onClose: () => void;
  children: ReactNode;
}

/** A modal. Import it lazily: Base UI is not part of first load. */
export default function Dialog({ title, description, onClose, children }: DialogProps) {
  return (
    <Base.Root open onOpenChange={(open) => !open && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="appear fixed inset-0 z-50 bg-overlay" />
        <Base.Popup className="appear fixed top-1/2 left-1/2 z-50 grid max-h-[calc(100dvh-2rem)] w-[min(480px,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 gap-3 overflow-auto rounded-lg border bg-raised p-4 shadow-pop">
          <div className="flex items-start justify-between gap-3">
            <Base.Title className="min-w-0 text-lg font-semibold break-words">{title}</Base.Title>
            <Button tone="ghost" size="icon" aria-label="Close" onClick={onClose}>
              <X aria-hidden size={16} />
            </Button>
          </div>
          {description && <Base.Description render={<div />}>{description}</Base.Description>}
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
