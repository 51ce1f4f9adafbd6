import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  at,
  makeDevice,
  makeEarnings,
  makeHost,
  makeMarketItem,
  makePriceBook,
  makeSelfTest,
  refuse,
} from '@/test/factories';
import { answerShell, renderApp } from '@/test/render';
import { server } from '@/test/server';
import type { Host, PriceBook, Rental } from '@/types/domain';

// The test's document has no canvas: charts are looked at in a browser.
vi.mock('@/design/ChartPlot', () => ({ default: () => <div data-testid="plot" /> }));

const PATH = '/provider/machines/hst_1';

const rental: Rental = {
  id: 'alc_1',
  host_id: 'hst_1',
  workload_id: 'vm_1',
  state: 'active',
  vcpus: 2,
  memory_mib: 4_096,
  disk_gib: 50,
  gpus: 0,
  gpu_model: null,
  running_rate_nanos_per_hour: 45_000_000,
  stopped_rate_nanos_per_hour: 5_000_000,
  earned_micros: 2_340_000,
  currency: 'USD',
  created_at: at(),
  ended_at: null,
};

function answerMachine(host: () => Host): void {
  server.use(
    http.get('*/v1/provider/hosts/hst_1', () => HttpResponse.json(host())),
    http.get('*/v1/provider/allocations', () => HttpResponse.json({ items: [rental], next_cursor: null })),
    http.get('*/v1/provider/earnings', () => HttpResponse.json(makeEarnings())),
    http.get('*/v1/provider/market', () =>
      HttpResponse.json({ items: [makeMarketItem()], currency: 'USD', as_of: at() }),
    ),
  );
}

beforeEach(() => answerShell());

describe('the machine', () => {
  test('shows its state, why, its devices and what it can do', async () => {
    answerMachine(() =>
      makeHost({
        name: 'attic',
        devices: [makeDevice({ state: 'leased' })],
        capabilities: [{ name: 'vm', available: true, detail: 'booted one with kvm' }],
        reliability: {
          score_percent: 98.5,
          window_days: 30,
          uptime_percent: 99.95,
          downtimes: 2,
          interruptions: 1,
          provisional: false,
        },
      }),
    );
    renderApp(PATH);
    expect(await screen.findByRole('heading', { level: 1, name: 'attic' })).toBeInTheDocument();
    const devices = await screen.findByRole('table', { name: 'Devices' });
    expect(devices).toHaveTextContent('LeasedRTX 409024 GiB550.5412.4offGPU-1');
    expect(screen.getByText('booted one with kvm')).toBeInTheDocument();
    expect(screen.getByRole('region', { name: 'Reliability' })).toHaveTextContent('99.95%');
    expect(await screen.findByText('$30.00')).toBeInTheDocument();
    const rentals = screen.getByRole('table', { name: 'Rentals' });
    await waitFor(() => expect(rentals).toHaveTextContent('Active2 vCPU · 4 GiB · 50 GiB'));
    expect(rentals).toHaveTextContent('ongoing$0.045$2.34');
  });

  test('says what is offered and not reported now', async () => {
    let host = makeHost({ name: 'attic', withheld: { vcpus: 1, memory_mib: 4_096, disk_gib: 0, gpus: 2 } });
    answerMachine(() => host);
    const { queries } = renderApp(PATH);
    const sale = await screen.findByRole('region', { name: 'Offered capacity' });
    expect(sale).toHaveTextContent(
      'Withheld, because the machine no longer reports it: 1 vCPU, 4 GiB memory, 2 GPUs.',
    );
    host = makeHost({ name: 'attic' });
    await queries.invalidateQueries({ queryKey: ['provider', 'hosts'] });
    await waitFor(() => expect(sale).not.toHaveTextContent('not reported'));
  });

  test('says since when it is full, not since when it is ready', async () => {
    const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
    answerMachine(() =>
      makeHost({
        name: 'attic',
        state_at: minutesAgo(14),
        unavailable_reason: 'sold_out',
        sale: { state: 'full', reason: 'sold_out', since: minutesAgo(1) },
      }),
    );
    renderApp(PATH);
    expect(await screen.findByText('Full')).toBeInTheDocument();
    expect(screen.getByText(/for 1m/)).toBeInTheDocument();
    expect(screen.queryByText(/14m/)).not.toBeInTheDocument();
  });

  test('drains after it was said what that means, under the version that was seen, and offers the way back', async () => {
    let host = makeHost({ name: 'attic', version: 7 });
    answerMachine(() => host);
    const sent: unknown[] = [];
    server.use(
      http.patch('*/v1/provider/hosts/hst_1', async ({ request }) => {
        sent.push([request.headers.get('If-Match'), await request.json()]);
        host = makeHost({
          name: 'attic',
          state: 'draining',
          state_reason: 'provider',
          unavailable_reason: 'host_draining',
          actions: ['change', 'resume'],
          version: 8,
        });
        return HttpResponse.json(host);
      }),
    );
    renderApp(PATH);
    await userEvent.click(await screen.findByRole('button', { name: 'Drain' }));
    const dialog = await screen.findByRole('dialog', { name: 'Drain attic?' });
    expect(sent).toEqual([]);
    await userEvent.click(within(dialog).getByRole('button', { name: 'Drain attic' }));
    expect(await screen.findByRole('button', { name: 'Resume' })).toBeEnabled();
    expect(screen.queryByRole('button', { name: 'Drain' })).not.toBeInTheDocument();
    expect(sent).toEqual([['"7"', { draining: true }]]);
    expect(screen.getByText('Draining')).toBeInTheDocument();
  });

  test('sets a window, and keeps it on the form when the machine changed meanwhile', async () => {
    answerMachine(() => makeHost({ name: 'attic' }));
    server.use(
      http.patch('*/v1/provider/hosts/hst_1', () =>
        refuse({ status: 412, code: 'precondition_failed', detail: 'The host is at version 2 now.' }),
      ),
    );
    renderApp(PATH);
    await userEvent.click(await screen.findByRole('button', { name: 'Maintenance' }));
    const dialog = await screen.findByRole('dialog', { name: 'Maintenance of attic' });
    await userEvent.click(within(dialog).getByRole('button', { name: 'Set maintenance' }));
    expect(within(dialog).getByText('Enter a reason.')).toBeInTheDocument();
    await userEvent.type(within(dialog).getByLabelText('Reason'), 'new disks');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Set maintenance' }));
    expect(await within(dialog).findByText(/^It was changed elsewhere in the meantime/)).toBeInTheDocument();
    expect(within(dialog).getByLabelText('Reason')).toHaveValue('new disks');
  });

  test('retires only when its name is typed', async () => {
    answerMachine(() => makeHost({ name: 'attic' }));
    renderApp(PATH);
    await userEvent.click(await screen.findByRole('button', { name: 'More actions for attic' }));
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Retire' }));
    const dialog = await screen.findByRole('dialog', { name: 'Retire attic?' });
    expect(within(dialog).getByRole('button', { name: 'Retire attic' })).toBeDisabled();
  });

  test('draws no act that is not allowed', async () => {
    answerMachine(() => makeHost({ state: 'banned', unavailable_reason: 'host_banned', actions: [] }));
    renderApp(PATH);
    expect(await screen.findByRole('heading', { level: 1 })).toBeInTheDocument();
    for (const name of ['Drain', 'Resume', 'Maintenance', 'End maintenance']) {
      expect(screen.queryByRole('button', { name })).not.toBeInTheDocument();
    }
  });

  test('another’s machine reads like none', async () => {
    server.use(http.get('*/v1/provider/hosts/hst_x', () => refuse({ status: 404, code: 'not_found' })));
    renderApp('/provider/machines/hst_x');
    expect(await screen.findByRole('heading', { level: 1, name: 'Machine not found' })).toBeInTheDocument();
  });
});

test('metrics: every chart over the span of the URL, in one request for each line', async () => {
  answerMachine(() => makeHost());
  const asked: URL[] = [];
  server.use(
    http.get('*/v1/resources/metrics', ({ request }) => {
      const url = new URL(request.url);
      asked.push(url);
      const point = { captured_at: url.searchParams.get('from'), value: 50, min: 40, max: 60, samples: 1 };
      return HttpResponse.json({ items: [point], resolution: 'raw', resolution_s: 60, next_cursor: null });
    }),
  );
  const { router } = renderApp(`${PATH}?tab=metrics&range=24h`);
  const cpu = await screen.findByRole('region', { name: 'CPU used, %' });
  await waitFor(() => expect(cpu).toHaveTextContent(/CPU used: 50 % at [\d:]+, from 40 % to 60 %\./));
  await waitFor(() => expect(asked).toHaveLength(8));
  const [first] = asked;
  const span = ['to', 'from'].map((name) => Date.parse(first?.searchParams.get(name) ?? ''));
  expect((span[0] ?? 0) - (span[1] ?? 0)).toBe(86_400_000);
  expect(new Set(asked.map((url) => url.searchParams.get('to'))).size).toBe(1);
  await userEvent.click(screen.getByRole('radio', { name: '7d' }));
  await waitFor(() => expect(router.state.location.search).toEqual({ tab: 'metrics', range: '7d' }));
});

test('the last self-test is told check by check', async () => {
  answerMachine(() => makeHost());
  const checks = [
    { name: 'disk_write', verdict: 'ok' as const, detail: 'wrote 1 GiB', value: 812.4, unit: 'MiB/s' },
    { name: 'clock_skew', verdict: 'fail' as const, detail: 'off', value: null, unit: '' },
  ];
  server.use(
    http.get('*/v1/provider/hosts/hst_1/self-tests', () =>
      HttpResponse.json({
        items: [makeSelfTest({ verdict: 'fail', checks }), makeSelfTest({ id: 'slf_0' })],
        next_cursor: null,
      }),
    ),
  );
  renderApp(`${PATH}?tab=self-test`);
  const table = await screen.findByRole('table', { name: 'Checks' });
  expect(table).toHaveTextContent('PassedDisk write812 MiB/swrote 1 GiB');
  expect(table).toHaveTextContent('FailedClock skew—off');
  expect(screen.getByRole('table', { name: 'Earlier self-tests' })).toBeInTheDocument();
});

describe('prices', () => {
  const answerPrices = (books: PriceBook[]) =>
    server.use(
      http.get('*/v1/provider/hosts/hst_1/prices', () =>
        HttpResponse.json({ items: books, next_cursor: null }),
      ),
    );

  test('are edited beside what others ask and published for a date', async () => {
    answerMachine(() => makeHost());
    answerPrices([
      makePriceBook({ version: 2, state: 'future', effective_at: at(86_400_000) }),
      makePriceBook(),
    ]);
    const bodies: Record<string, unknown>[] = [];
    server.use(
      http.post('*/v1/provider/hosts/hst_1/prices', async ({ request }) => {
        bodies.push((await request.json()) as Record<string, unknown>);
        return HttpResponse.json(makePriceBook({ version: 3 }), { status: 201 });
      }),
    );
    renderApp(`${PATH}?tab=prices`);
    const vcpu = await screen.findByLabelText('vCPU, $/hr');
    expect(vcpu).toHaveValue('0.01');
    await waitFor(() =>
      expect(vcpu).toHaveAccessibleDescription(
        'median $0.008, $0.005–$0.012 over 3 machines; yours is 25% above the median',
      ),
    );
    expect(screen.getByRole('button', { name: 'Publish' })).toBeDisabled();
    await userEvent.clear(vcpu);
    await userEvent.type(vcpu, '0.008');
    await userEvent.click(screen.getByRole('radio', { name: 'Later' }));
    await userEvent.click(screen.getByRole('button', { name: 'Publish' }));
    await waitFor(() => expect(bodies).toHaveLength(1));
    expect(bodies[0]).toMatchObject({ vcpu_nanos_per_hour: 8_000_000, gpus: [] });
    expect(Date.parse(String(bodies[0]?.effective_at))).toBeGreaterThan(Date.now());
    const versions = screen.getByRole('table', { name: 'Versions' });
    expect(versions).toHaveTextContent('Scheduled');
    expect(versions).toHaveTextContent('Current');
  });

  test('that are refused stay on the form, with the reason at the field', async () => {
    answerMachine(() => makeHost());
    answerPrices([makePriceBook()]);
    server.use(
      http.post('*/v1/provider/hosts/hst_1/prices', () =>
        refuse({
          status: 422,
          code: 'invalid',
          errors: [{ pointer: '/disk_gib_nanos_per_hour', code: 'x', message: 'Too dear.' }],
        }),
      ),
    );
    renderApp(`${PATH}?tab=prices`);
    const disk = await screen.findByLabelText('GiB of disk, $/hr');
    await userEvent.clear(disk);
    await userEvent.type(disk, 'free');
    await userEvent.click(screen.getByRole('button', { name: 'Publish' }));
    expect(disk).toHaveAccessibleDescription(/Enter dollars per hour/);
    await userEvent.clear(disk);
    await userEvent.type(disk, '999');
    await userEvent.click(screen.getByRole('button', { name: 'Publish' }));
    expect(await screen.findByText('Too dear.')).toBeInTheDocument();
    expect(disk).toHaveValue('999');
  });
});

test('settings that met another change are kept and go out again under the newest version', async () => {
  let host = makeHost({ name: 'attic', version: 1 });
  answerMachine(() => host);
  const sent: unknown[] = [];
  server.use(
    http.patch('*/v1/provider/hosts/hst_1', async ({ request }) => {
      const seen = request.headers.get('If-Match');
      sent.push([seen, await request.json()]);
      if (seen === '"1"') {
        host = { ...host, version: 2, region: 'eu-west' };
        return refuse({ status: 412, code: 'precondition_failed', detail: 'The host is at version 2 now.' });
      }
      host = { ...host, version: 3, name: 'cellar' };
      return HttpResponse.json(host);
    }),
  );
  renderApp(`${PATH}?tab=settings`);
  const name = await screen.findByLabelText('Name');
  expect(screen.getByRole('button', { name: 'Save' })).toBeDisabled();
  await userEvent.clear(name);
  await userEvent.type(name, 'cellar');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText(/^It was changed elsewhere in the meantime/)).toBeInTheDocument();
  expect(name).toHaveValue('cellar');
  await waitFor(async () => {
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));
    expect(sent.at(-1)).toEqual(['"2"', { name: 'cellar' }]);
  });
  expect(await screen.findByRole('heading', { level: 1, name: 'cellar' })).toBeInTheDocument();
});
