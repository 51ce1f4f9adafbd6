/** Tables as files (RFC 4180). */
import type { Column, CsvValue } from './column';

/** What a spreadsheet would run instead of showing. */
const FORMULA = /^[=+\-@\t\r]/;

/** Numbers go as they are; text that reads like a formula gets an apostrophe in front, so that none is run. */
export function csvField(value: CsvValue): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  const guarded = FORMULA.test(value) ? `'${value}` : value;
  return guarded !== value || /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/** The columns that have a value for a file, with a line of headers. */
export function toCsv<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  const told = columns.filter((column) => column.csv);
  const lines = [
    told.map((column) => csvField(column.csvHeader ?? column.header)),
    ...rows.map((row) => told.map((column) => csvField(column.csv?.(row)))),
  ];
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}

/** Hands a text to the browser as a file. */
export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  URL.revokeObjectURL(url);
}
