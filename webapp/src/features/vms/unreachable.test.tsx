import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import { formatMinute } from '@/lib/time';
import { makeVm, refuse } from '@/test/factories';
import { answerShell, renderApp } from '@/test/render';
import { server } from '@/test/server';
import type { Vm } from '@/types/domain';

const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const silentFor = (ms: number, over: Partial<Vm> = {}) =>
  makeVm({
    host_state: 'offline',
    host_heard_at: ago(ms),
    lost_declarable_at: ago(ms - DAY_MS),
    actions: ['stop', 'terminate'],
    as_of: ago(0),
    ...over,
  });

function answer(vm: Vm) {
  answerShell({ vms: [vm] });
  server.use(http.get('*/v1/resources/vms/vm_1', () => HttpResponse.json(vm)));
}

test('a VM whose host is silent says since when, what is billed, and why it cannot be rebooted', async () => {
  const vm = silentFor(5 * MINUTE_MS);
  answer(vm);
  renderApp('/vms/vm_1');
  const note = await screen.findByText(`Host unreachable since ${formatMinute(vm.host_heard_at ?? '')}.`);
  expect(note.closest('[role=status]')).toHaveTextContent(
    'Time after that is billed only if the host proves that the VM kept running.',
  );
  expect(screen.getByText('Was running')).toBeInTheDocument();
  expect(screen.queryByText('Running')).not.toBeInTheDocument();
  expect(screen.getByText('Not billed')).toBeInTheDocument();
  expect(screen.getByText('$0.005000')).toBeInTheDocument();
  expect(screen.getByText('It may not respond: its host is unreachable.')).toBeInTheDocument();
  const reboot = screen.getByRole('button', { name: 'Reboot' });
  expect(reboot).toHaveAttribute('aria-disabled', 'true');
  expect(reboot).toHaveAccessibleDescription('Its host is unreachable.');
  await userEvent.click(reboot);
  expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Declare lost' })).toHaveAccessibleDescription(
    /^Available from /,
  );
});

test('the list shows the silence, no rate, and the reasons in the menu of the row', async () => {
  answer(silentFor(5 * MINUTE_MS));
  renderApp('/vms');
  const table = within(await screen.findByRole('table', { name: 'VMs' }));
  expect(await table.findByText('Host unreachable')).toBeInTheDocument();
  expect(table.queryByText('$3.60')).not.toBeInTheDocument();
  await userEvent.click(table.getByRole('button', { name: 'More actions for web-1' }));
  const reboot = await screen.findByRole('menuitem', { name: /^Reboot/ });
  expect(reboot).toHaveAttribute('aria-disabled', 'true');
  expect(reboot).toHaveTextContent('Its host is unreachable.');
  expect(screen.getByRole('menuitem', { name: 'Terminate' })).not.toHaveAttribute('aria-disabled', 'true');
});

test('after a day its owner declares it lost by its name, and is told what is lost', async () => {
  let vm = silentFor(2 * DAY_MS);
  answerShell();
  const keys: (string | null)[] = [];
  server.use(
    http.get('*/v1/resources/vms/vm_1', () => HttpResponse.json(vm)),
    http.post('*/v1/resources/vms/vm_1/declare-lost', ({ request }) => {
      keys.push(request.headers.get('Idempotency-Key'));
      vm = makeVm({ status: 'lost', actions: [], billable: false, connect: null, host_state: null });
      return HttpResponse.json(vm);
    }),
  );
  renderApp('/vms/vm_1');
  await userEvent.click(await screen.findByRole('button', { name: 'Declare lost' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Declare web-1 lost?' }));
  expect(dialog.getByText(/its 1 GiB disk are given up permanently/)).toBeInTheDocument();
  expect(dialog.getByText(/Billing ended at the last heartbeat of the host/)).toBeInTheDocument();
  const act = dialog.getByRole('button', { name: 'Declare web-1 lost' });
  expect(act).toBeDisabled();
  await userEvent.type(dialog.getByLabelText('Type web-1 to confirm'), 'web-1');
  await userEvent.click(act);
  await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
  expect(keys).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
  expect(screen.getByText('Lost')).toBeInTheDocument();
  expect(screen.queryByText(/Host unreachable/)).not.toBeInTheDocument();
});

test('a host that was heard again meanwhile keeps the question open with the cause', async () => {
  answer(silentFor(2 * DAY_MS));
  server.use(
    http.post('*/v1/resources/vms/vm_1/declare-lost', () =>
      refuse({ status: 409, code: 'host_heard', detail: 'It can be declared lost later.' }),
    ),
  );
  renderApp('/vms/vm_1?ask=declare_lost');
  const dialog = within(await screen.findByRole('dialog', { name: 'Declare web-1 lost?' }));
  await userEvent.type(dialog.getByLabelText('Type web-1 to confirm'), 'web-1');
  await userEvent.click(dialog.getByRole('button', { name: 'Declare web-1 lost' }));
  expect(await dialog.findByText('It can be declared lost later.')).toBeInTheDocument();
});

test('a reboot never says that billing is still to start', async () => {
  answer(
    makeVm({
      status: 'rebooting',
      actions: ['terminate'],
      connect: null,
      generation: 2,
      phases: [
        { name: 'booting', state: 'active', started_at: ago(0), elapsed_ms: null },
        { name: 'ready', state: 'waiting', started_at: null, elapsed_ms: null },
      ],
    }),
  );
  renderApp('/vms/vm_1');
  expect(await screen.findAllByText('Billed at $3.60/hr while it reboots.')).toHaveLength(2);
  expect(screen.queryByText(/billing starts/i)).not.toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Stop' })).toHaveAccessibleDescription(
    'It is rebooting. Wait for it to finish.',
  );
});
