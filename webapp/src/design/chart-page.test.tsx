import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { windowOf } from '@/lib/range';
import { Chart } from './Chart';
import { TimeRange } from './TimeRange';

// The test's document has no canvas: what is drawn is looked at in a browser, what is said is tested here.
vi.mock('./ChartPlot', () => ({ default: () => <div data-testid="plot" /> }));

const NOW = Date.now();
const points = [3, 2, 1].map((minutes) => ({ atMs: NOW - minutes * 60_000, value: minutes * 10 }));

const chart = (over: object = {}) => (
  <Chart
    title="CPU used"
    unit="%"
    series={[{ label: 'cpu', points }]}
    window={windowOf({}, NOW)}
    everyS={60}
    format={String}
    {...over}
  />
);

test('a chart names its unit, its last point and what it shows', async () => {
  render(chart());
  const region = screen.getByRole('region', { name: 'CPU used, %' });
  expect(await within(region).findByTestId('plot')).toBeInTheDocument();
  expect(region).toHaveTextContent('last point 1m ago');
  expect(region).toHaveTextContent(/CPU used: 10 % at [\d:]+, from 10 % to 30 %\./);
});

test('its twin is a table, newest first', async () => {
  render(chart());
  await userEvent.click(screen.getByRole('button', { name: 'View CPU used as table' }));
  const table = screen.getByRole('table', { name: 'CPU used, %' });
  const values = within(table)
    .getAllByRole('row')
    .slice(1)
    .map((row) => row.lastElementChild?.textContent);
  expect(values).toEqual(['10', '20', '30']);
});

test('says that nothing was reported instead of drawing a line at zero', () => {
  render(chart({ series: [{ label: 'cpu', points: [] }] }));
  expect(screen.getByText('No data in this period.')).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'View CPU used as table' })).toBeDisabled();
});

test('keeps the last data beside the reason why there is no newer', async () => {
  render(chart({ failure: <p role="alert">busy</p> }));
  expect(screen.getByRole('alert')).toHaveTextContent('busy');
  expect(await screen.findByTestId('plot')).toBeInTheDocument();
});

test('a custom range must go forward', async () => {
  const chosen = vi.fn();
  render(<TimeRange value={{ range: '6h' }} onChange={chosen} />);
  expect(screen.getByRole('radio', { name: '6h' })).toBeChecked();
  await userEvent.click(screen.getByRole('radio', { name: 'Custom' }));
  const to = screen.getByLabelText('To');
  await userEvent.clear(to);
  await userEvent.type(to, '2020-01-01T00:00');
  expect(screen.getByRole('button', { name: 'Show' })).toBeDisabled();
  await userEvent.clear(screen.getByLabelText('From'));
  await userEvent.type(screen.getByLabelText('From'), '2019-12-31T00:00');
  await userEvent.click(screen.getByRole('button', { name: 'Show' }));
  expect(chosen).toHaveBeenCalledTimes(1);
  await userEvent.click(screen.getByRole('radio', { name: '7d' }));
  expect(chosen).toHaveBeenLastCalledWith({ range: '7d' });
});
