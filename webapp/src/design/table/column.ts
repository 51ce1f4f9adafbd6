import type { ReactNode } from 'react';
import { type Integer, sharedPlaces } from '@/lib/money';

export interface Column<T> {
  id: string;
  header: string;
  /** `places` are the decimals that the column's money shares. */
  cell: (row: T, places?: number) => ReactNode;
  /** The column's money in nano-dollars, for decimals that its cells share. */
  nanos?: (row: T) => Integer | null | undefined;
  align?: 'right';
  /** Without it the column does not sort. */
  sortBy?: (row: T) => string | number | bigint;
  /** The value in an exported file: amounts as the API's integers. Without it the column is not exported. */
  csv?: (row: T) => CsvValue;
  /** The column's name in an exported file, where the header does not say the unit. */
  csvHeader?: string;
  /** No label in front of the value when rows are stacked on a narrow screen. */
  bare?: boolean;
  /** Stays in view when the table scrolls sideways. */
  stickyEnd?: boolean;
  /** Left out of the table while the window is narrower than this many pixels; stacked cards show it. */
  fromPx?: FromPx;
  className?: string;
}

export type CsvValue = string | number | bigint | null | undefined;

/** Written out, because the style sheet is made from the class names that stand in the source. */
const FROM_PX = {
  1200: 'md:max-[1199px]:hidden',
  1280: 'md:max-[1279px]:hidden',
  1400: 'md:max-[1399px]:hidden',
} as const;
type FromPx = keyof typeof FROM_PX;
export const roomFor = ({ fromPx }: { fromPx?: FromPx }) => fromPx && FROM_PX[fromPx];

/** The column with the decimals that its money shares in these rows. */
export function withPlaces<T>(column: Column<T>, rows: readonly T[]): Column<T> {
  const { cell, nanos } = column;
  if (!nanos) return column;
  const places = sharedPlaces(rows.map(nanos));
  return { ...column, cell: (row) => cell(row, places) };
}

/** A column's id, with "-" in front for descending. */
export type SortKey = string;

export const parseSort = (sort: SortKey | undefined) =>
  sort ? [{ id: sort.replace(/^-/, ''), desc: sort.startsWith('-') }] : [];

export function compare(a: string | number | bigint, b: string | number | bigint): number {
  if (typeof a === 'string' && typeof b === 'string') return a.localeCompare(b, undefined, { numeric: true });
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The first column names the row and the last acts on it: neither can be hidden. */
export const isHideable = <T>(columns: readonly Column<T>[], column: Column<T>): boolean =>
  column !== columns[0] && !column.stickyEnd;
