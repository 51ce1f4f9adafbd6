import { Ellipsis } from 'lucide-react';
import { Fragment, type MouseEvent, memo, type ReactNode, type Ref } from 'react';
import { Button } from '../Button';
import { cn } from '../cn';
import { type Column, roomFor } from './column';

/** Stable over renders, so that a row is drawn anew only when it changed. */
export interface RowActions {
  open: (key: string) => void;
  pick: (key: string) => void;
  menu: (key: string, anchor: HTMLElement) => void;
}

export interface RowProps<T> {
  row: T;
  rowKey: string;
  index: number;
  columns: readonly Column<T>[];
  /** What the row is called, for the names of its controls. */
  name: string;
  selected: boolean;
  /** Undefined where rows cannot be picked. */
  picked: boolean | undefined;
  hasMenu: boolean;
  opens: boolean;
  expanded?: ReactNode;
  acts: RowActions;
  measure?: Ref<HTMLTableRowElement> | undefined;
}

/** Where a cell stands: the first column stays in view, beside the boxes where there are any. */
const stickyStart = (pickable: boolean) =>
  cn('md:sticky md:z-[1] md:bg-inherit', pickable ? 'md:left-9' : 'md:left-0');

function Cell<T>({ column, row, first, pickable, children }: CellProps<T>) {
  return (
    <td
      role="cell"
      data-label={column.bare ? undefined : column.header}
      className={cn(
        'px-3 py-1 align-middle max-md:flex max-md:min-h-7 max-md:items-center max-md:gap-3 max-md:px-0 max-md:py-0.5',
        !column.bare &&
          'max-md:justify-between max-md:before:shrink-0 max-md:before:text-xs max-md:before:font-sans max-md:before:font-normal max-md:before:text-ink-3 max-md:before:content-[attr(data-label)]',
        column.align === 'right' && 'text-right',
        first && stickyStart(pickable),
        column.stickyEnd && 'md:sticky md:right-0 md:z-[1] md:bg-inherit',
        roomFor(column),
        column.className,
      )}
    >
      {children ?? column.cell(row)}
    </td>
  );
}

interface CellProps<T> {
  column: Column<T>;
  row: T;
  first: boolean;
  pickable: boolean;
  children?: ReactNode;
}

export const pickCell = 'w-9 pl-3 align-middle md:sticky md:left-0 md:z-[1] md:bg-inherit';

/** Pressing a row anywhere but on a control of its own counts as pressing the row; keyboards use the row's button. */
const onControl = (event: MouseEvent<HTMLElement>) =>
  (event.target as HTMLElement).closest('a, button, input, select, label, [role="menu"]') !== null;

function MenuTrigger({ name, rowKey, acts }: { name: string; rowKey: string; acts: RowActions }) {
  return (
    <Button
      tone="ghost"
      size="icon"
      data-row-menu=""
      aria-haspopup="menu"
      aria-label={`More actions for ${name}`}
      onClick={(event) => acts.menu(rowKey, event.currentTarget)}
    >
      <Ellipsis aria-hidden size={14} />
    </Button>
  );
}

function PlainRow<T>(props: RowProps<T>) {
  const { row, rowKey, index, columns, name, selected, picked, hasMenu, opens, expanded, acts } = props;
  const pickable = picked !== undefined;
  return (
    <Fragment>
      <tr
        ref={props.measure}
        role="row"
        tabIndex={-1}
        data-key={rowKey}
        data-index={index}
        aria-rowindex={index + 2}
        aria-selected={picked ?? (selected || undefined)}
        onClick={opens ? (event) => onControl(event) || acts.open(rowKey) : undefined}
        className={cn(
          'h-row border-b last:border-b-0 focus-visible:-outline-offset-2 max-md:block max-md:h-auto max-md:px-3 max-md:py-2',
          selected || picked ? 'bg-select' : 'bg-surface hover:bg-sunken',
          opens && 'cursor-pointer',
        )}
      >
        {pickable && (
          <td role="cell" className={cn(pickCell, 'max-md:float-right max-md:w-auto')}>
            <label className="grid size-6 cursor-pointer place-items-center">
              <span className="sr-only">Select {name}</span>
              <input type="checkbox" checked={picked} onChange={() => acts.pick(rowKey)} />
            </label>
          </td>
        )}
        {columns.map((column, nth) => (
          <Cell key={column.id} column={column} row={row} first={nth === 0} pickable={pickable}>
            {column.stickyEnd && hasMenu ? (
              <span className="flex items-center justify-end gap-1">
                {column.cell(row)}
                <MenuTrigger name={name} rowKey={rowKey} acts={acts} />
              </span>
            ) : undefined}
          </Cell>
        ))}
      </tr>
      {expanded != null && (
        <tr role="row" className="border-b bg-sunken max-md:block">
          <td role="cell" colSpan={columns.length + (pickable ? 1 : 0)} className="max-md:block">
            {expanded}
          </td>
        </tr>
      )}
    </Fragment>
  );
}

/** Drawn again only when something of its own changed. */
export const Row = memo(PlainRow) as typeof PlainRow;
