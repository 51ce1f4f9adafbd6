import { Menu as Base } from '@base-ui/react/menu';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { cn } from './cn';

export interface MenuItem {
  label: string;
  icon?: LucideIcon;
  danger?: boolean;
  /** Why it cannot be chosen now. */
  disabledReason?: string | undefined;
  onSelect: () => void;
}

interface MenuProps {
  label: string;
  anchor: HTMLElement;
  header?: ReactNode;
  items: readonly MenuItem[];
  onClose: () => void;
}

/** One menu for any trigger: mounted when opened, anchored to what was pressed. Import it lazily. */
export default function Menu({ label, anchor, header, items, onClose }: MenuProps) {
  return (
    <Base.Root
      open
      modal={false}
      onOpenChange={(open, details) => {
        // The trigger toggles by itself; closing here as well would open the menu again.
        const onTrigger = details.event.target instanceof Node && anchor.contains(details.event.target);
        if (!open && !onTrigger) onClose();
      }}
    >
      <Base.Portal>
        <Base.Positioner anchor={anchor} align="end" sideOffset={4} className="z-50">
          <Base.Popup
            aria-label={label}
            finalFocus={() => anchor}
            className="appear max-w-[calc(100vw-2rem)] min-w-44 rounded-lg border bg-raised p-1 shadow-pop outline-none"
          >
            {header && <div className="mb-1 border-b px-2 pt-1 pb-2">{header}</div>}
            {items.map(({ label: text, icon: Icon, danger, disabledReason, onSelect }) => (
              <Base.Item
                key={text}
                disabled={disabledReason !== undefined}
                onClick={() => {
                  onClose();
                  onSelect();
                }}
                className={cn(
                  'flex min-h-8 items-center gap-2 rounded-md px-2 text-sm outline-none data-highlighted:bg-sunken pointer-coarse:min-h-11',
                  disabledReason === undefined
                    ? cn('cursor-pointer', danger && 'text-bad')
                    : 'py-1 text-ink-2',
                )}
              >
                {Icon && <Icon aria-hidden size={14} />}
                {disabledReason === undefined ? (
                  text
                ) : (
                  <span className="grid max-w-56">
                    {text}
                    <span className="text-2xs text-ink-3">{disabledReason}</span>
                  </span>
                )}
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
