import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';
import { formatRate } from '@/lib/money';
import { setShortcuts } from '@/lib/shortcuts';
import { type Column, DataTable } from './DataTable';
import * as csv from './table/csv';

interface Line {
  id: string;
  name: string;
  free: number;
}
const LINES: Line[] = ['alpha', 'beta', 'gamma'].map((name, nth) => ({ id: `r${nth}`, name, free: nth }));
const columns: Column<Line>[] = [
  { id: 'name', header: 'Name', sortBy: (r) => r.name, cell: (r) => r.name, csv: (r) => r.name },
  { id: 'free', header: 'Free', cell: (r) => r.free, csv: (r) => r.free },
];
const shared = { label: 'Lines', columns, rowKey: (r: Line) => r.id, rowName: (r: Line) => r.name };

afterEach(() => setShortcuts(true));

test('j and k move, Enter opens, x selects and "." opens the menu of the row in use', async () => {
  const opened = vi.fn();
  const done = vi.fn();
  const acted = vi.fn();
  render(
    <main>
      <DataTable
        {...shared}
        tableId="lines"
        rows={LINES}
        onRowClick={opened}
        bulk={[{ label: 'Mark', onSelect: done }]}
        rowMenu={(row) => [{ label: 'Rename', onSelect: () => acted(row.name) }]}
      />
    </main>,
  );
  await userEvent.keyboard('jjk');
  expect(document.activeElement).toHaveAttribute('data-key', 'r0');
  await userEvent.keyboard('{Enter}x');
  expect(opened).toHaveBeenCalledWith(LINES[0]);
  await userEvent.keyboard('jx');
  expect(screen.getByText('2 selected')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Mark' }));
  expect(done).toHaveBeenCalledWith(LINES.slice(0, 2));
  await userEvent.click(screen.getByRole('button', { name: 'Clear' }));
  await userEvent.keyboard('j.');
  await userEvent.click(
    within(await screen.findByRole('menu', { name: 'Actions for alpha' })).getByText('Rename'),
  );
  expect(acted).toHaveBeenCalledWith('alpha');
});

test('turned off, the keys do nothing', async () => {
  setShortcuts(false);
  render(
    <main>
      <DataTable {...shared} rows={LINES} />
    </main>,
  );
  await userEvent.keyboard('j');
  expect(document.activeElement).toBe(document.body);
});

test('a column that was turned off stays off, and out of the file', async () => {
  const saved = vi.spyOn(csv, 'download').mockReturnValue();
  const table = <DataTable {...shared} tableId="lines" rows={LINES} sort="-name" />;
  const { unmount } = render(table);
  await userEvent.click(screen.getByRole('button', { name: 'Columns' }));
  await userEvent.click(await screen.findByRole('menuitemcheckbox', { name: 'Free' }));
  expect(screen.queryByRole('columnheader', { name: 'Free' })).not.toBeInTheDocument();
  unmount();
  render(table);
  expect(screen.queryByRole('columnheader', { name: 'Free' })).not.toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Export as CSV' }));
  await waitFor(() => expect(saved).toHaveBeenCalledTimes(1));
  const [name, text] = saved.mock.calls[0] ?? [];
  expect(name).toMatch(/^sharemtc-lines-\d{4}-\d\d-\d\d\.csv$/);
  expect(text).toBe('Name\r\ngamma\r\nbeta\r\nalpha\r\n');
});

test('rows that leave the table are selected no more', async () => {
  const bulk = [{ label: 'Mark', onSelect: vi.fn() }];
  const { rerender } = render(<DataTable {...shared} tableId="l" rows={LINES} bulk={bulk} />);
  await userEvent.click(screen.getByRole('checkbox', { name: 'Select all rows' }));
  expect(screen.getByText('3 selected')).toBeInTheDocument();
  rerender(<DataTable {...shared} tableId="l" rows={LINES.slice(1)} bulk={bulk} />);
  expect(screen.getByText('2 selected')).toBeInTheDocument();
});

test('of very many rows few are drawn, and all are counted', async () => {
  const many = Array.from({ length: 5_000 }, (_, n) => ({ id: `m${n}`, name: `row ${n}`, free: n }));
  render(<DataTable {...shared} rows={many} />);
  expect(screen.getByRole('table', { name: 'Lines' })).toHaveAttribute('aria-rowcount', '5001');
  expect(await screen.findByText('row 0')).toBeInTheDocument();
  expect(screen.getAllByRole('row').length).toBeLessThan(100);
});

test('while more pages are to come nobody claims to know how many rows there are', () => {
  render(<DataTable {...shared} rows={LINES} hasMore />);
  expect(screen.getByRole('table', { name: 'Lines' })).toHaveAttribute('aria-rowcount', '-1');
});

test('the money of one column shares its decimals', () => {
  const rates = [2_310_000_000, 21_400_000, 100_000];
  const columns: Column<number>[] = [
    { id: 'rate', header: '$/hr', nanos: (rate) => rate, cell: (rate, places) => formatRate(rate, places) },
  ];
  render(<DataTable label="Rates" columns={columns} rows={rates} rowKey={String} />);
  expect(screen.getAllByRole('cell').map((cell) => cell.textContent)).toEqual([
    expect.stringContaining('$2.3100'),
    expect.stringContaining('$0.0214'),
    expect.stringContaining('$0.0001'),
  ]);
});
