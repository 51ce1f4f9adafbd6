import { Columns3, Download, type LucideIcon } from 'lucide-react';
import { type ReactNode, Suspense, useRef, useState } from 'react';
import { lazyPart } from '@/lib/lazy-part';
import { serverNow } from '@/lib/time';
import { Button } from '../Button';
import { type Column, isHideable } from './column';

const ColumnMenu = lazyPart(() => import('./ColumnMenu'));
const loadCsv = () => import('./csv');

export interface BulkAction<T> {
  label: string;
  icon?: LucideIcon;
  danger?: boolean;
  disabled?: boolean;
  onSelect: (rows: T[]) => void;
}

interface TableBarProps<T> {
  tableId: string;
  columns: readonly Column<T>[];
  /** As they are shown: sorted. */
  rows: readonly T[];
  hidden: ReadonlySet<string>;
  onToggleColumn: (columnId: string) => void;
  picked: readonly T[];
  bulk: readonly BulkAction<T>[] | undefined;
  onClear: () => void;
  children?: ReactNode;
}

function PickColumns<T>({ columns, hidden, onToggleColumn }: TableBarProps<T>) {
  const [open, setOpen] = useState(false);
  const ref = useRef<HTMLButtonElement>(null);
  return (
    <>
      <Button
        ref={ref}
        tone="ghost"
        size="sm"
        aria-label="Columns"
        aria-haspopup="menu"
        aria-expanded={open}
        onPointerEnter={() => void ColumnMenu.preload()}
        onFocus={() => void ColumnMenu.preload()}
        onClick={() => setOpen(!open)}
      >
        <Columns3 aria-hidden size={14} />
        <span className="max-sm:hidden">Columns</span>
        {hidden.size > 0 && <span className="text-ink-3">{`−${hidden.size}`}</span>}
      </Button>
      {open && ref.current && (
        <Suspense>
          <ColumnMenu
            anchor={ref.current}
            columns={columns.filter((column) => isHideable(columns, column)) as Column<unknown>[]}
            hidden={hidden}
            onToggle={onToggleColumn}
            onClose={() => setOpen(false)}
          />
        </Suspense>
      )}
    </>
  );
}

/** Above a table: what can be done to the picked rows, else how the table itself can be changed and taken away. */
export function TableBar<T>(props: TableBarProps<T>) {
  const { tableId, columns, rows, hidden, picked, bulk, onClear } = props;
  const [failed, setFailed] = useState(false);
  const exportRows = async () => {
    const part = await loadCsv().catch(() => null);
    setFailed(part === null);
    if (!part) return;
    const { download, toCsv } = part;
    const day = new Date(serverNow()).toISOString().slice(0, 10);
    const shown = columns.filter((column) => !hidden.has(column.id));
    download(`sharemtc-${tableId}-${day}.csv`, toCsv(shown, picked.length ? picked : rows));
  };
  return (
    <div className="flex min-h-9 flex-wrap items-center gap-1 border-b px-3 py-1">
      {bulk && picked.length > 0 ? (
        <div role="toolbar" aria-label="Selected rows" className="flex flex-wrap items-center gap-1">
          <span role="status" className="mr-2 font-medium">
            {picked.length} selected
          </span>
          {bulk.map(({ label, icon: Icon, danger, disabled, onSelect }) => (
            <Button
              key={label}
              size="sm"
              tone={danger ? 'danger' : 'secondary'}
              disabled={disabled}
              onClick={() => onSelect([...picked])}
            >
              {Icon && <Icon aria-hidden size={12} />}
              {label}
            </Button>
          ))}
          <Button size="sm" tone="ghost" onClick={onClear}>
            Clear
          </Button>
        </div>
      ) : (
        props.children
      )}
      <span className="ml-auto flex gap-1">
        {columns.some((column) => isHideable(columns, column)) && <PickColumns {...props} />}
        {columns.some((column) => column.csv) && rows.length > 0 && (
          <Button
            tone="ghost"
            size="sm"
            aria-label={picked.length ? 'Export the selected rows as CSV' : 'Export as CSV'}
            onPointerEnter={() => void loadCsv().catch(() => undefined)}
            onClick={() => void exportRows()}
          >
            <Download aria-hidden size={14} />
            <span className="max-sm:hidden">CSV</span>
          </Button>
        )}
        {failed && (
          <span role="alert" className="self-center text-xs text-bad">
            The export failed: part of the console could not be downloaded. Try again.
          </span>
        )}
      </span>
    </div>
  );
}
