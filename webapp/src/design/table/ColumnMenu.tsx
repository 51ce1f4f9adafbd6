import { Menu as Base } from '@base-ui/react/menu';
import { Check } from 'lucide-react';
import type { Column } from './column';

interface ColumnMenuProps<T> {
  anchor: HTMLElement;
  columns: readonly Column<T>[];
  hidden: ReadonlySet<string>;
  onToggle: (columnId: string) => void;
  onClose: () => void;
}

/** Which columns a table shows. Import it lazily. */
export default function ColumnMenu<T>({ anchor, columns, hidden, onToggle, onClose }: ColumnMenuProps<T>) {
  return (
    <Base.Root
      open
      modal={false}
      onOpenChange={(open, { event }) => {
        // The trigger toggles by itself; closing here as well would open the menu again.
        const onTrigger = event.target instanceof Node && anchor.contains(event.target);
        if (!open && !onTrigger) onClose();
      }}
    >
      <Base.Portal>
        <Base.Positioner anchor={anchor} align="end" sideOffset={4} className="z-50">
          <Base.Popup
            aria-label="Columns"
            finalFocus={() => anchor}
            className="appear max-h-[60vh] min-w-44 overflow-auto rounded-lg border bg-raised p-1 shadow-pop outline-none"
          >
            {columns.map((column) => (
              <Base.CheckboxItem
                key={column.id}
                checked={!hidden.has(column.id)}
                onCheckedChange={() => onToggle(column.id)}
                closeOnClick={false}
                className="flex h-8 cursor-pointer items-center gap-2 rounded-md px-2 text-sm outline-none data-highlighted:bg-sunken pointer-coarse:h-11"
              >
                <span className="grid size-4 place-items-center rounded-sm border border-control">
                  <Base.CheckboxItemIndicator>
                    <Check aria-hidden size={12} />
                  </Base.CheckboxItemIndicator>
                </span>
                {column.header}
              </Base.CheckboxItem>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
