import {
  type ColumnDef,
  createSortedRowModel,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { Fragment, type MouseEvent, type ReactNode, useMemo } from 'react';
import { cn } from './cn';
import { Skeleton } from './states';

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });

export interface Column<T> {
  id: string;
  header: string;
  cell: (row: T) => ReactNode;
  align?: 'right';
  /** Without it the column does not sort. */
  sortBy?: (row: T) => string | number | bigint;
  /** No label in front of the value when rows are stacked on a narrow screen. */
  bare?: boolean;
  /** Stays in view when the table scrolls sideways. */
  stickyEnd?: boolean;
  /** Left out of the table while the window is narrower than this many pixels; stacked cards show it. */
  fromPx?: FromPx;
  className?: string;
}

/** Written out, because the style sheet is made from the class names that stand in the source. */
const FROM_PX = {
  1200: 'md:max-[1199px]:hidden',
  1280: 'md:max-[1279px]:hidden',
  1400: 'md:max-[1399px]:hidden',
} as const;
type FromPx = keyof typeof FROM_PX;
const roomFor = ({ fromPx }: { fromPx?: FromPx }) => fromPx && FROM_PX[fromPx];

/** A column's id, with "-" in front for descending. */
export type SortKey = string;

interface DataTableProps<T> {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[] | undefined;
  rowKey: (row: T) => string;
  sort?: SortKey | undefined;
  onSort?: (sort: SortKey) => void;
  selectedKey?: string | undefined;
  onRowClick?: (row: T) => void;
  expandedKey?: string | undefined;
  renderExpanded?: (row: T) => ReactNode;
  skeletonRows?: number;
  empty?: ReactNode;
  footer?: ReactNode;
}

const parseSort = (sort: SortKey | undefined) =>
  sort ? [{ id: sort.replace(/^-/, ''), desc: sort.startsWith('-') }] : [];

function compare(a: string | number | bigint, b: string | number | bigint): number {
  if (typeof a === 'string' && typeof b === 'string') return a.localeCompare(b, undefined, { numeric: true });
  return a < b ? -1 : a > b ? 1 : 0;
}

function useSortedRows<T>({ columns, rows, rowKey, sort }: DataTableProps<T>): T[] {
  const defs = useMemo(
    () =>
      columns.map((column): ColumnDef<typeof features, { row: T }> => {
        const { sortBy } = column;
        return {
          id: column.id,
          accessorFn: ({ row }) => sortBy?.(row),
          enableSorting: sortBy !== undefined,
          sortFn: (a, b) => (sortBy ? compare(sortBy(a.original.row), sortBy(b.original.row)) : 0),
        };
      }),
    [columns],
  );
  const data = useMemo(() => (rows ?? []).map((row) => ({ row })), [rows]);
  const sorting = useMemo(() => parseSort(sort), [sort]);
  const table = useTable({
    features,
    columns: defs,
    data,
    state: { sorting },
    getRowId: ({ row }) => rowKey(row),
  });
  return table.getRowModel().rows.map((row) => row.original.row);
}

function HeaderCell<T>({
  column,
  sort,
  onSort,
}: { column: Column<T> } & Pick<DataTableProps<T>, 'sort' | 'onSort'>) {
  const [active] = parseSort(sort);
  const direction = active?.id === column.id ? (active.desc ? 'descending' : 'ascending') : undefined;
  const Arrow = direction === 'descending' ? ArrowDown : ArrowUp;
  const sortable = column.sortBy && onSort;
  return (
    <th
      role="columnheader"
      scope="col"
      aria-sort={sortable ? (direction ?? 'none') : undefined}
      className={cn(
        'h-8 px-3 text-xs font-medium whitespace-nowrap text-ink-2',
        column.align === 'right' ? 'text-right' : 'text-left',
        column.stickyEnd && 'sticky right-0 bg-sunken',
        roomFor(column),
      )}
    >
      {sortable ? (
        <button
          type="button"
          className="inline-flex h-6 items-center gap-1 hover:text-ink"
          onClick={() => onSort(direction === 'ascending' ? `-${column.id}` : column.id)}
        >
          {column.header}
          {direction && <Arrow aria-hidden size={12} />}
        </button>
      ) : (
        column.header
      )}
    </th>
  );
}

function Cell<T>({ column, row }: { column: Column<T>; row: T }) {
  return (
    <td
      role="cell"
      data-label={column.bare ? undefined : column.header}
      className={cn(
        'px-3 py-1 align-middle max-md:flex max-md:min-h-7 max-md:items-center max-md:gap-3 max-md:px-0 max-md:py-0.5',
        !column.bare &&
          'max-md:justify-between max-md:before:shrink-0 max-md:before:text-xs max-md:before:font-sans max-md:before:font-normal max-md:before:text-ink-3 max-md:before:content-[attr(data-label)]',
        column.align === 'right' && 'text-right',
        column.stickyEnd && 'md:sticky md:right-0 md:bg-inherit',
        roomFor(column),
        column.className,
      )}
    >
      {column.cell(row)}
    </td>
  );
}

/** Pressing a row anywhere but on a control of its own counts as pressing the row; keyboards use the row's button. */
const onControl = (event: MouseEvent<HTMLElement>) =>
  (event.target as HTMLElement).closest('a, button, input, select, label, [role="menu"]') !== null;

function Rows<T>(props: DataTableProps<T> & { sorted: T[] }) {
  const { sorted, columns, rowKey, selectedKey, onRowClick, expandedKey, renderExpanded } = props;
  return sorted.map((row, index) => {
    const key = rowKey(row);
    const selected = key === selectedKey;
    const expanded = key === expandedKey && renderExpanded;
    return (
      <Fragment key={key}>
        <tr
          role="row"
          aria-rowindex={index + 2}
          aria-selected={selected || undefined}
          onClick={onRowClick && ((event) => onControl(event) || onRowClick(row))}
          className={cn(
            'h-row border-b last:border-b-0 max-md:block max-md:h-auto max-md:px-3 max-md:py-2',
            selected ? 'bg-select' : 'bg-surface hover:bg-sunken',
            onRowClick && 'cursor-pointer',
          )}
        >
          {columns.map((column) => (
            <Cell key={column.id} column={column} row={row} />
          ))}
        </tr>
        {expanded && (
          <tr role="row" className="border-b bg-sunken max-md:block">
            <td role="cell" colSpan={columns.length} className="max-md:block">
              {expanded(row)}
            </td>
          </tr>
        )}
      </Fragment>
    );
  });
}

/**
 * A table on wide screens, a stack of labelled cards on narrow ones. Roles are explicit because changing `display`
 * would otherwise take the table away from assistive technology.
 */
export function DataTable<T>(props: DataTableProps<T>) {
  const { label, columns, rows, sort, onSort, skeletonRows = 4, empty, footer } = props;
  const sorted = useSortedRows(props);
  const loading = rows === undefined;
  if (!loading && rows.length === 0 && empty) return <>{empty}</>;
  return (
    <section
      aria-label={`${label}, scrollable`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="table-scroll overflow-x-auto rounded-lg"
    >
      <table
        role="table"
        aria-label={label}
        aria-busy={loading}
        aria-rowcount={sorted.length + 1}
        className="w-full border-collapse max-md:block"
      >
        <thead role="rowgroup" className="bg-sunken max-md:sr-only">
          <tr role="row" aria-rowindex={1} className="border-b">
            {columns.map((column) => (
              <HeaderCell key={column.id} column={column} sort={sort} {...(onSort ? { onSort } : {})} />
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup" className="max-md:block">
          {loading ? (
            Array.from({ length: skeletonRows }, (_, index) => (
              <tr role="row" key={index} className="h-row border-b last:border-b-0 max-md:block">
                <td role="cell" colSpan={columns.length} className="px-3 max-md:block max-md:py-4">
                  <Skeleton className="h-3 w-full" />
                </td>
              </tr>
            ))
          ) : (
            <Rows {...props} sorted={sorted} />
          )}
        </tbody>
      </table>
      {footer}
    </section>
  );
}
