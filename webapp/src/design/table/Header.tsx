import { ArrowDown, ArrowUp } from 'lucide-react';
import { cn } from '../cn';
import { type Column, parseSort, roomFor, type SortKey } from './column';
import { pickCell } from './Row';

interface HeaderProps<T> {
  columns: readonly Column<T>[];
  sort: SortKey | undefined;
  onSort: ((sort: SortKey) => void) | undefined;
  /** How many of the rows are picked; undefined where rows cannot be. */
  picked: 'none' | 'some' | 'all' | undefined;
  onPickAll: () => void;
}

interface HeaderCellProps<T> {
  column: Column<T>;
  first: boolean;
  pickable: boolean;
  sort: SortKey | undefined;
  onSort: ((sort: SortKey) => void) | undefined;
}

function HeaderCell<T>({ column, first, pickable, sort, onSort }: HeaderCellProps<T>) {
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
        first && cn('sticky z-[1] bg-sunken', pickable ? 'left-9' : 'left-0'),
        column.stickyEnd && 'sticky right-0 z-[1] bg-sunken',
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

export function Header<T>({ columns, sort, onSort, picked, onPickAll }: HeaderProps<T>) {
  return (
    <thead role="rowgroup" className="bg-sunken max-md:sr-only">
      <tr role="row" aria-rowindex={1} className="border-b bg-sunken">
        {picked && (
          <th role="columnheader" scope="col" className={pickCell}>
            <label className="grid size-6 cursor-pointer place-items-center">
              <span className="sr-only">Select all rows</span>
              <input
                type="checkbox"
                checked={picked === 'all'}
                ref={(box) => {
                  if (box) box.indeterminate = picked === 'some';
                }}
                onChange={onPickAll}
              />
            </label>
          </th>
        )}
        {columns.map((column, nth) => (
          <HeaderCell
            key={column.id}
            column={column}
            first={nth === 0}
            pickable={picked !== undefined}
            sort={sort}
            onSort={onSort}
          />
        ))}
      </tr>
    </thead>
  );
}
