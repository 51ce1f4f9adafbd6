import { expect, test } from 'vitest';
import type { Column } from './column';
import { csvField, toCsv } from './csv';

test.each([
  ['plain', 'plain'],
  [null, ''],
  [undefined, ''],
  [-5, '-5'],
  [12n, '12'],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\nlines', '"two\nlines"'],
])('%o is written %s', (value, written) => expect(csvField(value)).toBe(written));

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])('%o is not run by a spreadsheet', (text) =>
  expect(csvField(text)).toBe(`"'${text}"`),
);

test('a file has the columns that have a value, and ends each line as the standard says', () => {
  const columns: Column<{ name: string; free: number }>[] = [
    { id: 'name', header: 'Name', cell: () => null, csv: (row) => row.name },
    { id: 'bar', header: 'Bar', cell: () => null },
    { id: 'free', header: 'Free', csvHeader: 'free_gib', cell: () => null, csv: (row) => row.free },
  ];
  expect(toCsv(columns, [{ name: '=cmd', free: 3 }])).toBe('Name,free_gib\r\n"\'=cmd",3\r\n');
});
