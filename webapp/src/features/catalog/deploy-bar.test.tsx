import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { beforeEach, expect, test } from 'vitest';
import { makeKey, makeOffer, makeQuote, makeTemplate, makeVm, refuse } from '@/test/factories';
import { answerShell, renderApp } from '@/test/render';
import { server } from '@/test/server';
import type { Quote, SshKey } from '@/types/domain';

let quoted: unknown[];

function answerCatalog({ keys = [makeKey()], quote }: { keys?: SshKey[]; quote?: Partial<Quote> } = {}) {
  answerShell();
  const offer = makeOffer({ last_heartbeat_at: new Date().toISOString() });
  server.use(
    http.get('*/v1/catalog/hosts', () => HttpResponse.json({ items: [offer], next_cursor: null })),
    http.get('*/v1/resources/vm-templates', () =>
      HttpResponse.json({ items: [makeTemplate()], next_cursor: null }),
    ),
    http.get('*/v1/auth/ssh-keys', () => HttpResponse.json({ items: keys, next_cursor: null })),
    http.post('*/v1/billing/quotes', async ({ request }) => {
      const body = (await request.json()) as Partial<Quote>;
      quoted.push(body);
      return HttpResponse.json(makeQuote({ ...body, ...quote }), { status: 201 });
    }),
  );
}

const deployButton = () => screen.getByRole('button', { name: 'Deploy' });

async function openBar() {
  const app = renderApp('/catalog');
  await userEvent.click(await screen.findByRole('button', { name: 'Choose atlas' }));
  await screen.findByLabelText('Quote');
  await waitFor(() => expect(deployButton()).toBeEnabled());
  return app;
}

beforeEach(() => {
  quoted = [];
});

test('quotes the template’s minimum and orders exactly what was quoted', async () => {
  answerCatalog();
  const orders: { body: unknown; key: string | null }[] = [];
  server.use(
    http.post('*/v1/resources/vms', async ({ request }) => {
      orders.push({ body: await request.json(), key: request.headers.get('Idempotency-Key') });
      return HttpResponse.json(makeVm({ status: 'pending' }), { status: 201 });
    }),
    http.get('*/v1/resources/vms/vm_1', () => HttpResponse.json(makeVm({ status: 'pending' }))),
  );
  const { router } = await openBar();
  expect(screen.getByLabelText('Quote')).toHaveTextContent('Running$0.011/hr');
  expect(screen.getByLabelText('Quote')).toHaveTextContent('Balance lasts20d');
  await userEvent.clear(screen.getByLabelText('Name'));
  await userEvent.type(screen.getByLabelText('Name'), 'web-1');
  await userEvent.keyboard('{Control>}{Enter}{/Control}');
  await waitFor(() => expect(router.state.location.pathname).toBe('/vms/vm_1'));
  const size = { template_id: 'tpl_tiny', vcpus: 1, memory_mib: 128, disk_gib: 1, host_id: 'hst_1' };
  expect(quoted[0]).toEqual(size);
  expect(orders).toEqual([
    {
      body: { ...size, name: 'web-1', ssh_key_ids: ['key_1'], quote_id: 'quo_1' },
      key: expect.stringMatching(/^[0-9a-f]{32}$/),
    },
  ]);
});

test('a new size waits for its own quote before it can be ordered', async () => {
  answerCatalog();
  await openBar();
  await userEvent.clear(screen.getByLabelText('vCPUs'));
  await userEvent.type(screen.getByLabelText('vCPUs'), '3');
  expect(deployButton()).toBeDisabled();
  await waitFor(() => expect(deployButton()).toBeEnabled());
  expect(quoted.at(-1)).toMatchObject({ vcpus: 3 });
  expect(quoted).toHaveLength(2);
});

test('a size beyond what is free is refused here and not asked for', async () => {
  answerCatalog();
  await openBar();
  await userEvent.clear(screen.getByLabelText('vCPUs'));
  await userEvent.type(screen.getByLabelText('vCPUs'), '9');
  expect(screen.getByLabelText('vCPUs')).toHaveAccessibleDescription(/At most 4 is free\./);
  expect(deployButton()).toBeDisabled();
  expect(quoted).toHaveLength(1);
});

test('a refusal keeps the form and says which constraint rejected how many hosts', async () => {
  answerCatalog();
  server.use(
    http.post('*/v1/resources/vms', () =>
      refuse({
        status: 409,
        code: 'no_capacity',
        constraints: [{ constraint: 'memory', rejected: 2, would_match: 1 }],
      }),
    ),
  );
  await openBar();
  await userEvent.clear(screen.getByLabelText('Name'));
  await userEvent.type(screen.getByLabelText('Name'), 'keep-me');
  await userEvent.click(deployButton());
  expect(
    await screen.findByText('Memory: 2 hosts rejected; 1 host would fit without it'),
  ).toBeInTheDocument();
  expect(screen.getByLabelText('Name')).toHaveValue('keep-me');
});

test('an order whose answer was lost is repeated under the same key', async () => {
  answerCatalog();
  const keys: (string | null)[] = [];
  server.use(
    http.post('*/v1/resources/vms', ({ request }) => {
      keys.push(request.headers.get('Idempotency-Key'));
      return keys.length === 1 ? HttpResponse.error() : HttpResponse.json(makeVm(), { status: 201 });
    }),
    http.get('*/v1/resources/vms/vm_1', () => HttpResponse.json(makeVm())),
  );
  const { router } = await openBar();
  await userEvent.click(deployButton());
  await screen.findByText('The server cannot be reached.');
  await userEvent.click(deployButton());
  await waitFor(() => expect(router.state.location.pathname).toBe('/vms/vm_1'));
  expect(keys).toHaveLength(2);
  expect(keys[1]).toBe(keys[0]);
});

test('an expired quote blocks the order until it is renewed', async () => {
  answerCatalog({ quote: { expires_at: new Date(Date.now() - 1_000).toISOString() } });
  renderApp('/catalog?host=hst_1');
  const renew = await screen.findByRole('button', { name: 'Quote expired: get a new one' });
  expect(deployButton()).toBeDisabled();
  await userEvent.click(renew);
  await waitFor(() => expect(quoted).toHaveLength(2));
});

const PRIVATE_KEY = [
  '-----BEGIN OPENSSH PRIVATE KEY-----',
  'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ',
  '-----END OPENSSH PRIVATE KEY-----',
].join('\n');

test('a newcomer adds the first key right there, and it is picked', async () => {
  const keys: SshKey[] = [];
  answerCatalog({ keys });
  server.use(
    http.post('*/v1/auth/ssh-keys', () => {
      keys.push(makeKey());
      return HttpResponse.json(makeKey(), { status: 201 });
    }),
  );
  renderApp('/catalog?host=hst_1');
  await userEvent.click(await screen.findByLabelText('Public key'));
  await userEvent.paste('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 ada@laptop');
  expect(screen.getByLabelText('Key name')).toHaveValue('ada@laptop');
  await userEvent.click(screen.getByRole('button', { name: 'Add key' }));
  await waitFor(() => expect(screen.getByLabelText('SSH key')).toHaveValue('key_1'));
  await waitFor(() => expect(deployButton()).toBeEnabled());
});

test('a private key never leaves the page', async () => {
  answerCatalog({ keys: [] });
  renderApp('/catalog?host=hst_1');
  await userEvent.click(await screen.findByLabelText('Public key'));
  await userEvent.paste(PRIVATE_KEY);
  expect(await screen.findByText(/This is a private key/)).toBeInTheDocument();
  expect(screen.getByLabelText('Public key')).toHaveValue('');
  expect(screen.getByLabelText('Key name')).toHaveValue('');
  await userEvent.click(screen.getByLabelText('Key name'));
  await userEvent.paste(PRIVATE_KEY.replace(/\n/g, ''));
  expect(screen.getByLabelText('Key name')).toHaveValue('');
  await userEvent.click(screen.getByRole('button', { name: 'Add key' }));
  expect(await screen.findByText('Give the key a name.')).toBeInTheDocument();
});

test('a public key is taken however it was copied', async () => {
  const sent: unknown[] = [];
  answerCatalog({ keys: [] });
  server.use(
    http.post('*/v1/auth/ssh-keys', async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json(makeKey(), { status: 201 });
    }),
  );
  renderApp('/catalog?host=hst_1');
  await userEvent.click(await screen.findByLabelText('Public key'));
  await userEvent.paste('\uFEFFssh-ed25519\t AAAAC3NzaC1lZDI1NTE5\u00A0Ada \u{1F469}\u200D\u{1F4BB}\r\n');
  await userEvent.click(screen.getByRole('button', { name: 'Add key' }));
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]).toEqual({
    name: 'Ada \u{1F469}\u{1F4BB}',
    public_key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 Ada \u{1F469}\u{1F4BB}',
  });
});
