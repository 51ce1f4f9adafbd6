import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  makeDevice,
  makeEarnings,
  makeHost,
  makeMarketItem,
  makeOverview,
  makeSelfTest,
  refuse,
} from '@/test/factories';
import { answerShell, renderApp } from '@/test/render';
import { server } from '@/test/server';
import type { EnrollmentState, Host, Provider } from '@/types/domain';

const profile: Provider = {
  id: 'usr_1',
  display_name: 'Ada’s machines',
  tier: 'community',
  state: 'active',
  state_reason: '',
  draining: false,
  created_at: '2026-03-01T12:00:00.000Z',
  version: 3,
};

/** What the overview asks for. */
function answerProvider(hosts: Host[]): void {
  server.use(
    http.get('*/v1/provider/profile', () => HttpResponse.json(profile)),
    http.get('*/v1/provider/hosts', () => HttpResponse.json({ items: hosts, next_cursor: null })),
    http.get('*/v1/provider/earnings', () => HttpResponse.json(makeEarnings())),
    http.get('*/v1/provider/overview', () => HttpResponse.json(makeOverview())),
    http.get('*/v1/provider/market', () =>
      HttpResponse.json({ items: [makeMarketItem()], currency: 'USD', as_of: new Date().toISOString() }),
    ),
  );
}

beforeEach(() => answerShell());

describe('the overview', () => {
  test('tells what the machines bring and how each stands', async () => {
    answerProvider([
      makeHost({ name: 'attic', devices: [makeDevice({ state: 'leased' }), makeDevice({ uuid: 'GPU-2' })] }),
      makeHost({
        id: 'hst_2',
        name: 'cellar',
        state: 'offline',
        state_reason: 'silence',
        unavailable_reason: 'host_offline',
      }),
    ]);
    renderApp('/provider');
    const tiles = await screen.findByRole('region', { name: 'Earnings and occupancy' });
    expect(await within(tiles).findByText('$1.25')).toBeInTheDocument();
    expect(tiles).toHaveTextContent('Pending payout$7.00');
    expect(tiles).toHaveTextContent('2 of 6 vCPUs');
    const table = await screen.findByRole('table', { name: 'Machines' });
    const [attic, cellar] = within(table).getAllByRole('row').slice(1);
    if (!attic || !cellar) throw new Error('two machines');
    expect(attic).toHaveTextContent('$30.00');
    expect(within(attic).getByRole('img', { name: 'GPUs: 1 of 2 rented' })).toBeInTheDocument();
    expect(
      within(attic).getByRole('img', { name: /^vCPU \$0\.010\/hr, 25% above the median/ }),
    ).toBeInTheDocument();
    expect(cellar).toHaveTextContent('No heartbeat received.');
    expect(cellar).toHaveTextContent('$0.00');
  });

  test('says where figures are missing instead of showing zeros', async () => {
    answerProvider([makeHost()]);
    server.use(
      http.get('*/v1/provider/earnings', () =>
        refuse({ status: 422, code: 'invalid', detail: 'Not today.' }),
      ),
    );
    renderApp('/provider');
    expect(await screen.findByText('Some figures could not be loaded.')).toBeInTheDocument();
    const tiles = screen.getByRole('region', { name: 'Earnings and occupancy' });
    expect(tiles).not.toHaveTextContent('$0.00');
    expect(tiles).toHaveTextContent('Earned today—');
  });

  test('a newcomer is led to the command', async () => {
    answerProvider([]);
    renderApp('/provider');
    expect(await screen.findByText(/No machines yet/)).toBeInTheDocument();
    expect(screen.getAllByRole('link', { name: 'Add machine' })[0]).toHaveAttribute('href', '/provider/add');
  });

  test('a name that changed meanwhile keeps what was typed', async () => {
    answerProvider([makeHost()]);
    const seen: (string | null)[] = [];
    server.use(
      http.put('*/v1/provider/profile', ({ request }) => {
        seen.push(request.headers.get('If-Match'));
        return refuse({ status: 412, code: 'precondition_failed', detail: 'Version 4 now.' });
      }),
    );
    renderApp('/provider');
    await userEvent.click(await screen.findByRole('button', { name: 'Change provider name' }));
    const dialog = await screen.findByRole('dialog', { name: 'Provider name' });
    await userEvent.clear(within(dialog).getByLabelText('Name'));
    await userEvent.type(within(dialog).getByLabelText('Name'), 'Byron');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Save' }));
    expect(await within(dialog).findByText(/^It was changed elsewhere in the meantime/)).toBeInTheDocument();
    expect(within(dialog).getByLabelText('Name')).toHaveValue('Byron');
    expect(seen).toEqual(['"3"']);
  });
});

describe('adding a machine', () => {
  const answerCode = (state: () => EnrollmentState) =>
    server.use(
      http.post('*/v1/provider/enrollment-codes', () =>
        HttpResponse.json(
          {
            id: 'enr_1',
            code: 'ENR-1',
            expires_at: state().expires_at,
            install_command: 'curl … --code ENR-1',
          },
          { status: 201 },
        ),
      ),
      http.get('*/v1/provider/enrollment-codes/enr_1', () => HttpResponse.json(state())),
    );
  const waiting: EnrollmentState = {
    id: 'enr_1',
    state: 'waiting',
    host_id: null,
    expires_at: new Date(Date.now() + 600_000).toISOString(),
  };
  const steps = () =>
    within(screen.getByRole('list', { name: 'Enrollment' }))
      .getAllByRole('listitem')
      .map((item) => item.querySelector('p')?.textContent);

  test('shows the command and ticks a step when its record arrives', async () => {
    let code = waiting;
    let host = makeHost({ name: 'attic' });
    answerCode(() => code);
    server.use(http.get('*/v1/provider/hosts/hst_1', () => HttpResponse.json(host)));
    const { router, queries } = renderApp('/provider/add');
    await userEvent.click(await screen.findByRole('button', { name: 'Create command' }));
    expect(await screen.findByLabelText('install command')).toHaveValue('curl … --code ENR-1');
    expect(router.state.location.search).toEqual({ code: 'enr_1' });
    expect(screen.getByText(/Valid once, for 9m \d\ds\./)).toBeInTheDocument();
    expect(steps()).toEqual([
      'Code used, in progress',
      'First heartbeat, waiting',
      'Virtualisation, waiting',
      'GPU, waiting',
      'Self-test, waiting',
      'On the market, waiting',
    ]);
    code = { ...waiting, state: 'used', host_id: 'hst_1' };
    await queries.invalidateQueries({ queryKey: ['provider', 'codes'] });
    expect(await screen.findByText('attic has enrolled.')).toBeInTheDocument();
    expect(steps()).toContain('Self-test, in progress');
    host = { ...host, self_test: makeSelfTest() };
    await queries.invalidateQueries({ queryKey: ['provider', 'hosts'] });
    expect(await screen.findByText('attic is on the market.')).toBeInTheDocument();
    expect(steps().every((step) => step?.endsWith(', done'))).toBe(true);
  });

  test('after a reload the command is gone and an expired code is told', async () => {
    answerCode(() => ({ ...waiting, state: 'expired' }));
    renderApp('/provider/add?code=enr_1');
    expect(await screen.findByText('The command is shown only once.')).toBeInTheDocument();
    expect(screen.queryByLabelText('install command')).not.toBeInTheDocument();
    await userEvent.click(await screen.findByRole('button', { name: 'Create new command' }));
    expect(await screen.findByRole('button', { name: 'Create command' })).toBeInTheDocument();
  });

  test('a refused name is told at its field', async () => {
    server.use(
      http.post('*/v1/provider/enrollment-codes', () =>
        refuse({
          status: 422,
          code: 'invalid',
          errors: [{ pointer: '/name', code: 'pattern', message: 'Letters and digits.' }],
        }),
      ),
    );
    renderApp('/provider/add');
    const name = await screen.findByLabelText(/^Machine name/);
    await userEvent.type(name, 'two words');
    await userEvent.click(screen.getByRole('button', { name: 'Create command' }));
    expect(await screen.findByText('Letters and digits.')).toBeInTheDocument();
    expect(name).toHaveAccessibleDescription('Letters and digits.');
  });
});
