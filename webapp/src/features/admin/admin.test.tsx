import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  at,
  makeHost,
  makeOperatorRecord,
  makeProviderDetail,
  makeProviderRow,
  makeRisk,
  makeStats,
  makeUser,
  refuse,
} from '@/test/factories';
import { answerShell, renderApp } from '@/test/render';
import { server } from '@/test/server';
import type { OperatorRecord, ProviderDetail } from '@/types/domain';
import { hostChoices } from './decisions';

const page = <T,>(items: T[], next_cursor: string | null = null) => HttpResponse.json({ items, next_cursor });

beforeEach(() => {
  answerShell({ user: makeUser({ role: 'super-admin' }) });
  server.use(
    http.get('*/v1/admin/stats', () => HttpResponse.json(makeStats())),
    http.get('*/v1/admin/risks', () => page([makeRisk()])),
    http.get('*/v1/admin/audit', () => page<OperatorRecord>([])),
  );
});

test('the overview says what is wrong and how much there is', async () => {
  renderApp('/admin/overview');
  expect(await screen.findByText('1 critical')).toBeInTheDocument();
  expect(screen.getByText('$2.31/hr')).toBeInTheDocument();
  expect(screen.getByText('2 of 8 free')).toBeInTheDocument();
  expect(await screen.findByText('attic has not been heard for 10 minutes.')).toBeInTheDocument();
  expect(screen.getByRole('img', { name: '1 of 4 machines are offline' })).toBeInTheDocument();
});

test('figures that do not load are not shown as nothing', async () => {
  server.use(http.get('*/v1/admin/stats', () => refuse({ status: 409, code: 'broken', detail: 'Not now.' })));
  renderApp('/admin/overview');
  expect(await screen.findByText('The figures could not be loaded.')).toBeInTheDocument();
  expect(screen.queryByText('0')).not.toBeInTheDocument();
});

describe('the providers', () => {
  test('are asked for by the filters in the address, page by page', async () => {
    const asked: string[] = [];
    server.use(
      http.get('*/v1/admin/providers/', ({ request }) => {
        const { searchParams } = new URL(request.url);
        asked.push(searchParams.toString());
        return searchParams.get('cursor')
          ? page([makeProviderRow({ id: 'usr_3', display_name: 'Cellar' })])
          : page([makeProviderRow()], 'more');
      }),
    );
    const { router } = renderApp('/admin/providers?tier=community');
    await userEvent.click(await screen.findByRole('button', { name: 'Show more providers' }));
    expect(await screen.findByRole('link', { name: 'Cellar' })).toBeInTheDocument();
    expect(asked).toEqual(['limit=100&tier=community', 'limit=100&cursor=more&tier=community']);
    await userEvent.selectOptions(screen.getByLabelText('State'), 'banned');
    await userEvent.type(screen.getByLabelText('Search providers'), 'att');
    await waitFor(() => expect(asked.at(-1)).toBe('limit=100&search=att&tier=community&state=banned'));
    expect(router.state.location.search).toEqual({ tier: 'community', state: 'banned', q: 'att' });
  });

  test('that no filter matches are one press away again', async () => {
    server.use(
      http.get('*/v1/admin/providers/', ({ request }) =>
        new URL(request.url).searchParams.has('state') ? page([]) : page([makeProviderRow()]),
      ),
    );
    renderApp('/admin/providers?state=banned');
    await userEvent.click(await screen.findByRole('button', { name: 'Clear filters' }));
    expect(await screen.findByRole('link', { name: 'Attic GPUs' })).toBeInTheDocument();
  });
});

describe('one provider', () => {
  const answer = (detail: () => ProviderDetail) =>
    server.use(http.get('*/v1/admin/providers/usr_2', () => HttpResponse.json(detail())));

  test('is banned with a reason and its typed name, and the line of the act is shown', async () => {
    let provider = makeProviderDetail();
    answer(() => provider);
    const sent: unknown[] = [];
    server.use(
      http.patch('*/v1/admin/providers/usr_2', async ({ request }) => {
        sent.push([request.headers.get('If-Match'), await request.json()]);
        server.use(http.get('*/v1/admin/audit', () => page([makeOperatorRecord()])));
        provider = makeProviderDetail({
          state: 'banned',
          state_reason: 'sold what is not theirs',
          version: 5,
        });
        return HttpResponse.json(provider);
      }),
    );
    renderApp('/admin/providers/usr_2');
    await userEvent.click(await screen.findByRole('button', { name: 'Ban' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Ban Attic GPUs?' }));
    expect(
      dialog.getByText(/Live rentals \(2\) continue and their renters are notified/),
    ).toBeInTheDocument();
    const act = dialog.getByRole('button', { name: 'Ban Attic GPUs' });
    expect(act).toBeDisabled();
    await userEvent.type(dialog.getByLabelText('Type Attic GPUs to confirm'), 'Attic GPUs');
    await userEvent.click(act);
    expect(dialog.getByText('Enter a reason.')).toBeInTheDocument();
    expect(sent).toEqual([]);
    await userEvent.type(dialog.getByLabelText('Reason'), 'sold what is not theirs');
    await userEvent.click(act);
    expect(await screen.findByText(/Audit log entry 7: provider changed/)).toBeInTheDocument();
    expect(sent).toEqual([['"4"', { state: 'banned', reason: 'sold what is not theirs' }]]);
    expect(screen.getByRole('button', { name: 'Lift ban' })).toBeInTheDocument();
  });

  test('that was changed in the meantime keeps the form and is decided on as it is now', async () => {
    let provider = makeProviderDetail();
    answer(() => provider);
    const versions: unknown[] = [];
    server.use(
      http.patch('*/v1/admin/providers/usr_2', ({ request }) => {
        versions.push(request.headers.get('If-Match'));
        if (versions.length > 1) return HttpResponse.json(makeProviderDetail({ draining: true, version: 6 }));
        provider = makeProviderDetail({ version: 5 });
        return refuse({ status: 412, code: 'precondition_failed', detail: 'It is at version 5.' });
      }),
    );
    renderApp('/admin/providers/usr_2');
    await userEvent.click(await screen.findByRole('button', { name: 'Drain' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Drain Attic GPUs?' }));
    await userEvent.type(dialog.getByLabelText('Reason'), 'audit');
    await userEvent.click(dialog.getByRole('button', { name: 'Drain Attic GPUs' }));
    expect(await dialog.findByText(/It was changed elsewhere in the meantime/)).toBeInTheDocument();
    expect(dialog.getByLabelText('Reason')).toHaveValue('audit');
    await userEvent.click(dialog.getByRole('button', { name: 'Drain Attic GPUs' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    expect(versions).toEqual(['"4"', '"5"']);
  });

  test('a machine is drained from its row, with its version', async () => {
    answer(() => makeProviderDetail());
    const sent: unknown[] = [];
    server.use(
      http.patch('*/v1/admin/hosts/hst_1', async ({ request }) => {
        sent.push([request.headers.get('If-Match'), await request.json()]);
        return HttpResponse.json(makeHost({ state: 'draining' }));
      }),
    );
    renderApp('/admin/providers/usr_2');
    await userEvent.click(await screen.findByRole('button', { name: 'More actions for attic' }));
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Drain…' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Drain attic?' }));
    await userEvent.type(dialog.getByLabelText('Reason'), 'new disks');
    await userEvent.click(dialog.getByRole('button', { name: 'Drain attic' }));
    await waitFor(() => expect(sent).toEqual([['"9"', { draining: true, reason: 'new disks' }]]));
  });

  test('a silent machine is declared lost with a reason and its typed name; one that is heard is not', async () => {
    let host = makeHost({ name: 'attic', state: 'offline', presence: 'offline', last_heartbeat_at: at() });
    answer(() => makeProviderDetail({ hosts: [host, makeHost({ id: 'hst_2', name: 'cellar' })] }));
    const sent: unknown[] = [];
    server.use(
      http.post('*/v1/admin/hosts/hst_1/declare-lost', async ({ request }) => {
        sent.push(await request.json());
        host = makeHost({ ...host, state: 'draining', state_reason: 'declared_lost' });
        return HttpResponse.json(host);
      }),
    );
    renderApp('/admin/providers/usr_2');
    await userEvent.click(await screen.findByRole('button', { name: 'More actions for cellar' }));
    await screen.findByRole('menuitem', { name: 'Ban…' });
    expect(screen.queryByRole('menuitem', { name: 'Declare lost…' })).not.toBeInTheDocument();
    await userEvent.keyboard('{Escape}');
    await userEvent.click(screen.getByRole('button', { name: 'More actions for attic' }));
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Declare lost…' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Declare attic lost?' }));
    expect(
      dialog.getByText(/Its VMs and their disks are lost, billed until the last heartbeat/),
    ).toBeInTheDocument();
    const act = dialog.getByRole('button', { name: 'Declare attic lost' });
    expect(act).toBeDisabled();
    await userEvent.type(dialog.getByLabelText('Type attic to confirm'), 'attic');
    await userEvent.click(act);
    expect(dialog.getByText('Enter a reason.')).toBeInTheDocument();
    await userEvent.type(dialog.getByLabelText('Reason'), 'burnt down');
    await userEvent.click(act);
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    expect(sent).toEqual([{ reason: 'burnt down' }]);
    expect(await screen.findByText('Declared lost by an operator.')).toBeInTheDocument();
    expect(hostChoices(host, true)).toEqual([]);
  });

  test('an ops-admin acts on machines, not on the provider', async () => {
    answerShell({ user: makeUser({ role: 'ops-admin' }) });
    answer(() => makeProviderDetail());
    renderApp('/admin/providers/usr_2');
    await userEvent.click(await screen.findByRole('button', { name: 'More actions for attic' }));
    expect(await screen.findByRole('menuitem', { name: 'Ban…' })).toBeInTheDocument();
    expect(screen.queryByRole('menuitem', { name: 'Move to secure cloud…' })).not.toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Ban' })).not.toBeInTheDocument();
  });

  test('that is not there says so', async () => {
    server.use(http.get('*/v1/admin/providers/usr_9', () => refuse({ status: 404, code: 'not_found' })));
    renderApp('/admin/providers/usr_9');
    expect(await screen.findByRole('heading', { level: 1, name: 'Provider not found' })).toBeInTheDocument();
  });
});

test('risks come the worst first, and several are acknowledged with one note', async () => {
  const risks = [makeRisk(), makeRisk({ id: 'rsk_2', severity: 'critical', kind: 'key_copied', version: 3 })];
  const sent: unknown[] = [];
  server.use(
    http.get('*/v1/admin/risks', () => page(risks)),
    http.post('*/v1/admin/risks/:id/acknowledge', async ({ request, params }) => {
      sent.push([params.id, request.headers.get('If-Match'), await request.json()]);
      const risk = risks.find(({ id }) => id === params.id);
      return HttpResponse.json({ ...risk, state: 'acknowledged' });
    }),
  );
  renderApp('/admin/risks');
  const table = within(await screen.findByRole('table', { name: 'Risks' }));
  await table.findByText('Critical');
  const rows = table.getAllByRole('row').slice(1);
  expect(rows[0]).toHaveTextContent('CriticalMachine key copied');
  await userEvent.click(table.getByRole('checkbox', { name: 'Select all rows' }));
  await userEvent.click(
    within(screen.getByRole('toolbar', { name: 'Selected rows' })).getByRole('button', {
      name: 'Acknowledge',
    }),
  );
  const dialog = within(await screen.findByRole('dialog', { name: 'Acknowledge 2 risks?' }));
  await userEvent.type(dialog.getByLabelText('Note'), 'on it');
  await userEvent.click(dialog.getByRole('button', { name: 'Acknowledge 2 risks' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
  expect(sent).toEqual([
    ['rsk_2', '"3"', { note: 'on it' }],
    ['rsk_1', '"1"', { note: 'on it' }],
  ]);
});

test('an install command is made for the chosen provider', async () => {
  server.use(
    http.get('*/v1/admin/providers/', () => page([makeProviderRow()])),
    http.post('*/v1/admin/agent/enrollment-codes', async ({ request }) => {
      const { provider_id } = (await request.json()) as { provider_id: string };
      return HttpResponse.json(
        {
          install_command: `curl … --code ${provider_id}`,
          code_id: 'enr_1',
          expires_at: new Date(Date.now() + 600_000).toISOString(),
          provider_id,
        },
        { status: 201 },
      );
    }),
  );
  renderApp('/admin/install');
  await screen.findByRole('option', { name: 'Attic GPUs · bob@example.org' });
  await userEvent.selectOptions(screen.getByLabelText('Provider'), 'usr_2');
  await userEvent.click(screen.getByRole('button', { name: 'Create install command' }));
  expect(await screen.findByLabelText('install command')).toHaveValue('curl … --code usr_2');
});

test('the palette leads operators to their pages', async () => {
  const { router } = renderApp('/admin/overview');
  await screen.findByText('1 critical');
  await userEvent.keyboard('{Control>}k{/Control}');
  await userEvent.type(await screen.findByLabelText('Command'), 'risks');
  await userEvent.click(await screen.findByText('Go to Admin: Risks'));
  await waitFor(() => expect(router.state.location.pathname).toBe('/admin/risks'));
});
