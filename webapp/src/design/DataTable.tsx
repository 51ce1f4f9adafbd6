import {
  type ColumnDef,
  createSortedRowModel,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { type ReactNode, type RefObject, Suspense, useMemo, useRef } from 'react';
import { lazyPart } from '@/lib/lazy-part';
import { cn } from './cn';
import type { MenuItem } from './Menu';
import { EmptyState, Skeleton } from './states';
import { type Column, compare, parseSort, type SortKey, withPlaces } from './table/column';
import { Header } from './table/Header';
import { useHiddenColumns } from './table/hidden-columns';
import { Row, type RowActions } from './table/Row';
import { useRowActions } from './table/row-actions';
import { usePicked } from './table/selection';
import { type BulkAction, TableBar } from './table/TableBar';

export type { Column, SortKey } from './table/column';
export type { BulkAction } from './table/TableBar';

const Menu = lazyPart(() => import('./Menu'));
const VirtualRows = lazyPart(() => import('./table/VirtualRows'));

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });

/** From so many rows on only those near the window are drawn. */
const VIRTUAL_FROM = 150;
/** While the code for that is fetched. */
const DRAWN_MEANWHILE = 40;

export interface DataTableProps<T> {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[] | undefined;
  rowKey: (row: T) => string;
  /** What a row is called, for the names of its controls; its key otherwise. */
  rowName?: (row: T) => string;
  sort?: SortKey | undefined;
  onSort?: (sort: SortKey) => void;
  selectedKey?: string | undefined;
  /** Pressing a row, and Enter on it. */
  onRowClick?: (row: T) => void;
  expandedKey?: string | undefined;
  renderExpanded?: (row: T) => ReactNode;
  /** What can be done to one row: one menu for the whole table, made when it is opened. */
  rowMenu?: (row: T) => readonly MenuItem[];
  /** What can be done to several rows; with it rows can be picked. */
  bulk?: readonly BulkAction<T>[] | undefined;
  /** With a name of its own a table remembers its columns and can be exported. */
  tableId?: string;
  /** Stands above the table while no row is picked. */
  bar?: ReactNode;
  /** There are rows that are not here yet, and nobody has counted them. */
  hasMore?: boolean;
  skeletonRows?: number;
  empty?: ReactNode;
  footer?: ReactNode;
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

function Loading({ rows, span }: { rows: number; span: number }) {
  return Array.from({ length: rows }, (_, index) => (
    <tr role="row" key={index} className="h-row border-b last:border-b-0 max-md:block">
      <td role="cell" colSpan={span} className="px-3 max-md:block max-md:py-4">
        <Skeleton className="h-3 w-full" />
      </td>
    </tr>
  ));
}

const MENU_COLUMN: Column<unknown> = {
  id: 'menu',
  header: 'Actions',
  bare: true,
  stickyEnd: true,
  cell: () => null,
  className: 'max-md:justify-end',
};

/** The columns to draw: without those turned off, and with one for the menu where none is at the end for it. */
function useDrawn<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  hidden: ReadonlySet<string>,
  hasMenu: boolean,
) {
  return useMemo(() => {
    const drawn = columns
      .filter((column) => !hidden.has(column.id))
      .map((column) => withPlaces(column, rows));
    const addMenu = hasMenu && !drawn.some((column) => column.stickyEnd);
    return addMenu ? [...drawn, MENU_COLUMN as Column<T>] : drawn;
  }, [columns, rows, hidden, hasMenu]);
}

interface BodyProps<T> {
  table: DataTableProps<T>;
  rows: readonly T[];
  columns: readonly Column<T>[];
  picked: ReadonlySet<string>;
  acts: RowActions;
  reveal: RefObject<(index: number) => void>;
}

function Body<T>({ table, rows, columns, picked, acts, reveal }: BodyProps<T>) {
  const { rowKey, rowName = rowKey, bulk, selectedKey, expandedKey, renderExpanded } = table;
  const span = columns.length + (bulk ? 1 : 0);
  const draw = (row: T, index: number, measure?: (element: HTMLTableRowElement | null) => void) => {
    const key = rowKey(row);
    return (
      <Row
        key={key}
        row={row}
        rowKey={key}
        index={index}
        columns={columns}
        name={rowName(row)}
        selected={key === selectedKey}
        picked={bulk && picked.has(key)}
        hasMenu={table.rowMenu !== undefined}
        opens={table.onRowClick !== undefined}
        expanded={key === expandedKey ? renderExpanded?.(row) : undefined}
        acts={acts}
        measure={measure}
      />
    );
  };
  if (table.rows === undefined) return <Loading rows={table.skeletonRows ?? 4} span={span} />;
  if (rows.length < VIRTUAL_FROM) return rows.map((row, index) => draw(row, index));
  return (
    <Suspense fallback={rows.slice(0, DRAWN_MEANWHILE).map((row, index) => draw(row, index))}>
      <VirtualRows count={rows.length} span={span} reveal={reveal}>
        {(index, measure) => {
          const row = rows[index];
          return row && draw(row, index, measure);
        }}
      </VirtualRows>
    </Suspense>
  );
}

/**
 * A table on wide screens, a stack of labelled cards on narrow ones. Roles are explicit because changing `display`
 * would otherwise take the table away from assistive technology.
 */
export function DataTable<T>(props: DataTableProps<T>) {
  const { label, columns, rows, rowKey, sort, onSort, rowMenu, bulk, tableId, onRowClick } = props;
  const sorted = useSortedRows(props);
  const [hidden, toggleColumn] = useHiddenColumns(tableId);
  const { keys, picked, extent, toggle, toggleAll, clear } = usePicked(sorted, rowKey);
  const drawn = useDrawn(columns, sorted, hidden, rowMenu !== undefined);
  const section = useRef<HTMLElement>(null);
  const reveal = useRef<(index: number) => void>(() => undefined);
  const find = (key: string) => sorted.find((row) => rowKey(row) === key);
  const open = (key: string) => {
    const row = find(key);
    if (row) onRowClick?.(row);
  };
  const { acts, menu, closeMenu } = useRowActions({
    section,
    reveal,
    count: sorted.length,
    open: onRowClick && open,
    pick: bulk && toggle,
    hasMenu: rowMenu !== undefined,
  });
  const menuRow = menu && find(menu.key);
  const loading = rows === undefined;
  if (!loading && rows.length === 0 && props.empty) {
    // What says that there is nothing would be untrue while the list goes on.
    return props.hasMore ? <EmptyState>No matches so far. Load more to continue.</EmptyState> : props.empty;
  }
  return (
    <>
      {tableId && !loading && (
        <TableBar
          tableId={tableId}
          columns={columns}
          rows={sorted}
          hidden={hidden}
          onToggleColumn={toggleColumn}
          picked={picked}
          bulk={bulk}
          onClear={clear}
        >
          {props.bar}
        </TableBar>
      )}
      <section
        ref={section}
        data-row-keys=""
        aria-label={`${label}, scrollable`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className={cn('table-scroll overflow-x-auto', tableId ? 'rounded-b-lg' : 'rounded-lg')}
      >
        <table
          role="table"
          aria-label={label}
          aria-busy={loading}
          aria-rowcount={props.hasMore ? -1 : sorted.length + 1}
          className="w-full border-collapse max-md:block"
        >
          <Header columns={drawn} sort={sort} onSort={onSort} picked={bulk && extent} onPickAll={toggleAll} />
          <tbody role="rowgroup" className="max-md:block">
            <Body table={props} rows={sorted} columns={drawn} picked={keys} acts={acts} reveal={reveal} />
          </tbody>
        </table>
        {props.footer}
      </section>
      {menu && menuRow && rowMenu && (
        <Suspense>
          <Menu
            label={`Actions for ${(props.rowName ?? rowKey)(menuRow)}`}
            anchor={menu.anchor}
            items={rowMenu(menuRow)}
            onClose={closeMenu}
          />
        </Suspense>
      )}
    </>
  );
}
