import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { beforeEach, describe, expect, test } from 'vitest';
import { makeAccrual, makeVm, refuse } from '@/test/factories';
import { answerShell, renderApp } from '@/test/render';
import { server } from '@/test/server';
import type { Vm } from '@/types/domain';

const answerVm = (vm: Vm) => server.use(http.get(`*/v1/resources/vms/${vm.id}`, () => HttpResponse.json(vm)));

beforeEach(() => answerShell());

describe('a running VM', () => {
  test('shows how to connect, what it costs and what may be done', async () => {
    answerVm(makeVm({ as_of: new Date().toISOString(), proven_until: new Date().toISOString() }));
    renderApp('/vms/vm_1');
    expect(await screen.findByLabelText('SSH command')).toHaveValue('ssh -p 41234 root@127.0.0.1');
    expect(screen.getByText('$3.60/hr')).toBeInTheDocument();
    expect(screen.getByText(/^≈\$0\.00\d{4}$/)).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Start' })).not.toBeInTheDocument();
  });

  test('stops only after saying what stopping costs', async () => {
    answerVm(makeVm());
    let stops = 0;
    server.use(
      http.post('*/v1/resources/vms/vm_1/stop', ({ request }) => {
        stops += 1;
        expect(request.headers.get('Idempotency-Key')).toMatch(/^[0-9a-f]{32}$/);
        return HttpResponse.json(makeVm({ status: 'stopping', actions: [] }), { status: 202 });
      }),
    );
    renderApp('/vms/vm_1');
    await userEvent.click(await screen.findByRole('button', { name: 'Stop' }));
    const dialog = await screen.findByRole('dialog', { name: 'Stop web-1?' });
    expect(dialog).toHaveTextContent('costs $0.10/hr instead of $3.60/hr');
    expect(stops).toBe(0);
    await userEvent.click(within(dialog).getByRole('button', { name: 'Stop web-1' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    expect(stops).toBe(1);
    expect(screen.getByText('Stopping')).toBeInTheDocument();
  });

  test('terminates only when its name is typed', async () => {
    answerVm(makeVm());
    renderApp('/vms/vm_1');
    await userEvent.click(await screen.findByRole('button', { name: 'Terminate' }));
    const dialog = await screen.findByRole('dialog', { name: 'Terminate web-1?' });
    const confirm = within(dialog).getByRole('button', { name: 'Terminate web-1' });
    expect(confirm).toBeDisabled();
    await userEvent.type(within(dialog).getByLabelText('Type web-1 to confirm'), 'web-');
    expect(confirm).toBeDisabled();
    await userEvent.type(within(dialog).getByLabelText('Type web-1 to confirm'), '1');
    expect(confirm).toBeEnabled();
  });

  test('one that never booted has nothing to lose, and is terminated without its name', async () => {
    answerVm(makeVm({ status: 'provisioning', billable: false, actions: ['terminate'] }));
    renderApp('/vms/vm_1');
    await userEvent.click(await screen.findByRole('button', { name: 'Terminate' }));
    const dialog = await screen.findByRole('dialog', { name: 'Terminate web-1?' });
    expect(dialog).toHaveTextContent('its disk is empty and nothing was billed');
    expect(within(dialog).queryByRole('textbox')).not.toBeInTheDocument();
    expect(within(dialog).getByRole('button', { name: 'Terminate web-1' })).toBeEnabled();
  });

  test('keeps the question open with the cause when the act is refused', async () => {
    answerVm(makeVm());
    server.use(
      http.post('*/v1/resources/vms/vm_1/reboot', () =>
        refuse({ status: 409, code: 'not_allowed_now', detail: 'It is being stopped.' }),
      ),
    );
    renderApp('/vms/vm_1');
    await userEvent.click(await screen.findByRole('button', { name: 'Reboot' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Reboot web-1' }));
    expect(await screen.findByText('It is being stopped.')).toBeInTheDocument();
    expect(screen.getByText('not_allowed_now · request req_1')).toBeInTheDocument();
  });
});

describe('a start for which its host has no room', () => {
  const sentence =
    'atlas has 0 of 4 vCPUs free, 1 needed. The disk is kept on that host and is safe. rack has room for a new VM.';
  const refused = {
    status: 409,
    code: 'host_full',
    detail: sentence,
    constraints: [{ constraint: 'vcpus', rejected: 1, would_match: 0, needed: 1, largest_free: 0 }],
  };
  const nearest = {
    host_id: 'hst_2',
    host_name: 'rack',
    vcpus: 1,
    memory_mib: 512,
    disk_gib: 4,
    rate_nanos_per_hour: 20_000_000,
  };
  // Where the link leads.
  const answerCatalog = () =>
    server.use(
      http.get('*/v1/catalog/hosts', () => HttpResponse.json({ items: [], next_cursor: null })),
      http.get('*/v1/resources/vm-templates', () => HttpResponse.json({ items: [], next_cursor: null })),
    );
  const refuseStart = (over: object = {}) =>
    server.use(http.post('*/v1/resources/vms/vm_1/start', () => refuse({ ...refused, nearest, ...over })));

  beforeEach(() =>
    answerVm(makeVm({ status: 'stopped', billable: false, actions: ['start', 'terminate'], connect: null })),
  );

  test('says what is missing, and leads to a new VM of its size on the nearest host', async () => {
    refuseStart();
    answerCatalog();
    const { router } = renderApp('/vms/vm_1');
    await userEvent.click(await screen.findByRole('button', { name: 'Start' }));
    expect(await screen.findByRole('alert')).toHaveTextContent(sentence);
    const link = screen.getByRole('link', { name: 'Deploy this size on rack, ≈$0.020/hr' });
    await userEvent.click(link);
    await waitFor(() => expect(router.state.location.pathname).toBe('/catalog'));
    expect(router.state.location.search).toEqual({
      host: 'hst_2',
      template: makeVm().template_id,
      vcpus: 1,
      memory_mib: 512,
      disk_gib: 4,
    });
  });

  test('offers nothing where no other host has room', async () => {
    refuseStart({ nearest: null });
    renderApp('/vms/vm_1');
    await userEvent.click(await screen.findByRole('button', { name: 'Start' }));
    expect(await screen.findByRole('alert')).toHaveTextContent(sentence);
    expect(screen.queryByRole('link', { name: /Deploy this size/ })).not.toBeInTheDocument();
  });

  test('a question that was opened from elsewhere gives way to it', async () => {
    refuseStart();
    const { router } = renderApp('/vms/vm_1?ask=start');
    await userEvent.click(await screen.findByRole('button', { name: 'Start web-1' }));
    expect(await screen.findByRole('link', { name: /Deploy this size on rack/ })).toBeInTheDocument();
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
    expect(router.state.location.search).toEqual({});
  });
});

test('a VM on its way shows its phases and promises the command', async () => {
  answerVm(
    makeVm({
      status: 'provisioning',
      billable: false,
      actions: ['terminate'],
      connect: null,
      phases: [
        { name: 'queued', state: 'done', started_at: null, elapsed_ms: 200 },
        { name: 'booting', state: 'active', started_at: new Date().toISOString(), elapsed_ms: null },
        { name: 'ready', state: 'waiting', started_at: null, elapsed_ms: null },
      ],
    }),
  );
  renderApp('/vms/vm_1');
  const phases = within(await screen.findByRole('list', { name: 'Phases' })).getAllByRole('listitem');
  expect(phases.map((item) => item.querySelector('p')?.textContent)).toEqual([
    'Queued, done',
    'Booting, in progress',
    'Ready, waiting',
  ]);
  expect(screen.getByText('The SSH command appears here when the VM is ready.')).toBeInTheDocument();
  expect(screen.getByText('Not billed')).toBeInTheDocument();
});

test('a failed VM shows the reason and its code', async () => {
  answerVm(
    makeVm({
      status: 'failed',
      billable: false,
      actions: [],
      connect: null,
      failure: { code: 'boot_timeout', detail: 'The guest did not answer within 60 s.' },
    }),
  );
  renderApp('/vms/vm_1');
  expect(await screen.findByRole('alert')).toHaveTextContent(
    'The guest did not answer within 60 s.boot_timeout',
  );
});

test('another’s VM reads like none', async () => {
  server.use(http.get('*/v1/resources/vms/vm_x', () => refuse({ status: 404, code: 'not_found' })));
  renderApp('/vms/vm_x');
  expect(await screen.findByRole('heading', { level: 1, name: 'VM not found' })).toBeInTheDocument();
});

test('the cost tab sums to what is posted and keeps the live part apart', async () => {
  answerVm(makeVm({ billable: false }));
  server.use(
    http.get('*/v1/billing/accruals', ({ request }) => {
      expect(new URL(request.url).searchParams.get('allocation_id')).toBe('alc_1');
      return HttpResponse.json({ items: [makeAccrual(), makeAccrual({ k: 1 })], next_cursor: null });
    }),
  );
  renderApp('/vms/vm_1?tab=cost');
  expect(await screen.findByText('Posted to the ledger')).toBeInTheDocument();
  const totals = screen.getByLabelText('Totals');
  expect(totals).toHaveTextContent('Posted to the ledger$0.004000');
  expect(totals).toHaveTextContent('Not yet posted$0.001000');
  expect(totals).toHaveTextContent('Total$0.005000');
});
