import { describe, expect, test } from 'vitest';
import { formatRate } from '@/lib/money';
import { type Column, compare, isHideable, parseSort, roomFor, withPlaces } from './column';

interface Row {
  name: string;
  rate: number | null;
}
const name: Column<Row> = { id: 'name', header: 'Name', cell: (row) => row.name };
const rate: Column<Row> = {
  id: 'rate',
  header: '$/hr',
  nanos: (row) => row.rate,
  cell: (row, places) => (row.rate === null ? '—' : formatRate(row.rate, places)),
};
const actions: Column<Row> = { id: 'actions', header: 'Actionions', stickyEnd: true, cell: () => null };

test('money in one column has the decimals that its finest amount needs', () => {
  const rows = [
    { name: 'a', rate: 21_500_000 },
    { name: 'b', rate: 3_000_000_000 },
    { name: 'c', rate: null },
  ];
  const shown = withPlaces(rate, rows);
  expect(rows.map((row) => shown.cell(row))).toEqual(['$0.022', '$3.000', '—']);
  expect(withPlaces(name, rows)).toBe(name);
});

describe('a sort key', () => {
  test('names a column and its direction', () => {
    expect(parseSort('-price')).toEqual([{ id: 'price', desc: true }]);
    expect(parseSort('price')).toEqual([{ id: 'price', desc: false }]);
    expect(parseSort(undefined)).toEqual([]);
  });
});

describe('rows compare', () => {
  test('by number within text, so that web-10 follows web-9', () => {
    expect(['web-10', 'web-9', 'Web-1'].sort(compare)).toEqual(['Web-1', 'web-9', 'web-10']);
  });

  test('exactly where amounts are larger than a double holds', () => {
    const big = 2n ** 60n;
    expect(compare(big, big + 1n)).toBe(-1);
    expect(compare(3, 3)).toBe(0);
    expect(compare(4, 3n)).toBe(1);
  });
});

test('the first column and the one with the actions cannot be hidden', () => {
  const columns = [name, rate, actions];
  expect(columns.map((column) => isHideable(columns, column))).toEqual([false, true, false]);
});

test('a column that needs room is left out of narrow windows', () => {
  expect(roomFor({ fromPx: 1280 })).toContain('1279');
  expect(roomFor({})).toBeUndefined();
});
