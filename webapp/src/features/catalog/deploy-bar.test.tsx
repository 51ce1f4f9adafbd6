import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { beforeEach, expect, test } from 'vitest';
import { makeKey, makeOffer, makeQuote, makeTemplate, makeVm, refuse } from '@/test/factories';
import { answerShell, renderApp } from '@/test/render';
import { server } from '@/test/server';
import type { Offer, Quote, SshKey } from '@/types/domain';

let quoted: unknown[];

interface Answers {
  keys?: SshKey[];
  quote?: Partial<Quote>;
  offers?: () => Offer[];
}

const fresh = (over: Partial<Offer> = {}) =>
  makeOffer({ last_heartbeat_at: new Date().toISOString(), ...over });

function answerCatalog({ keys = [makeKey()], quote, offers = () => [fresh()] }: Answers = {}) {
  answerShell();
  server.use(
    http.get('*/v1/catalog/hosts', () => HttpResponse.json({ items: offers(), next_cursor: null })),
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

test('what the VM does not get, and how far the host is known, is said before it is ordered', async () => {
  answerCatalog({ offers: () => [fresh({ enrolled_at: new Date(Date.now() - 900_000).toISOString() })] });
  await openBar();
  const row = screen.getByRole('row', { name: /atlas/ });
  expect(row).toHaveTextContent('no internet · SSH only · no GPU · no KVM, slow');
  expect(row).toHaveTextContent('Newmonitored for 15m');
  const facts = screen.getByRole('list', { name: 'What is included' });
  expect(facts).toHaveTextContent('The VM has no internet access');
  expect(facts.compareDocumentPosition(deployButton())).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
  expect(screen.getByText('local · EPYC · New, monitored for 15m')).toBeInTheDocument();
});

test('begins with the size and the template that the address names', async () => {
  answerCatalog();
  const { router } = renderApp('/catalog?host=hst_1&template=tpl_tiny&vcpus=3&memory_mib=512&disk_gib=many');
  expect(await screen.findByLabelText('vCPUs')).toHaveValue(3);
  expect(screen.getByLabelText('Memory, MiB')).toHaveValue(512);
  expect(screen.getByLabelText('Disk, GiB')).toHaveValue(1);
  await waitFor(() => expect(quoted).toHaveLength(1));
  expect(quoted[0]).toMatchObject({ template_id: 'tpl_tiny', vcpus: 3, memory_mib: 512, disk_gib: 1 });
  await userEvent.click(screen.getByRole('button', { name: 'Close the deploy bar' }));
  await waitFor(() => expect(router.state.location.search).toEqual({}));
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

const rack = { id: 'hst_2', name: 'rack' };
const full = { free: { vcpus: 0, memory_mib: 8_192, disk_gib: 100, gpus: 0 } };

async function typeName() {
  await userEvent.clear(screen.getByLabelText('Name'));
  await userEvent.type(screen.getByLabelText('Name'), 'keep-me');
}

test('when somebody orders the last vCPU first, the next best is one click away', async () => {
  answerCatalog({ offers: () => [fresh(), fresh(rack)] });
  server.use(
    http.post('*/v1/resources/vms', () =>
      refuse({
        status: 409,
        code: 'no_capacity',
        constraints: [
          {
            constraint: 'vcpus',
            rejected: 1,
            would_match: 1,
            needed: 1,
            largest_free: 0,
            largest_offered: 6,
          },
        ],
        nearest: {
          host_id: 'hst_2',
          host_name: 'rack',
          vcpus: 1,
          memory_mib: 128,
          disk_gib: 1,
          rate_nanos_per_hour: 10_725_000,
        },
      }),
    ),
  );
  const { router } = await openBar();
  await typeName();
  await userEvent.click(deployButton());
  expect(await screen.findByText('0 of 6 vCPU free, 1 needed')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: /^Use rack instead/ }));
  expect(await screen.findByText('Deploy a VM on rack')).toBeInTheDocument();
  expect(router.state.location.search).toEqual({ host: 'hst_2' });
  expect(screen.getByLabelText('Name')).toHaveValue('keep-me');
  expect(screen.queryByText('0 of 6 vCPU free, 1 needed')).not.toBeInTheDocument();
  await waitFor(() => expect(deployButton()).toBeEnabled());
  expect(quoted.at(-1)).toMatchObject({ host_id: 'hst_2', vcpus: 1 });
});

test('a host that fills up while the form is open keeps the form, and offers the next best', async () => {
  let taken = false;
  answerCatalog({ offers: () => [fresh(taken ? full : {}), fresh(rack)] });
  const { queries } = await openBar();
  await typeName();
  taken = true;
  await queries.invalidateQueries({ queryKey: ['catalog'] });
  expect(await screen.findByText('No longer available.')).toBeInTheDocument();
  expect(screen.getByText(/0 of 6 vCPU free on atlas\./)).toBeInTheDocument();
  expect(screen.getByLabelText('Name')).toHaveValue('keep-me');
  await userEvent.click(screen.getByRole('button', { name: /^Use rack instead/ }));
  expect(await screen.findByText('Deploy a VM on rack')).toBeInTheDocument();
  expect(screen.getByLabelText('Name')).toHaveValue('keep-me');
  await waitFor(() => expect(deployButton()).toBeEnabled());
});

test('where no other host has the size, what is left of it is offered', async () => {
  let taken = false;
  answerCatalog({
    offers: () => [fresh(taken ? { free: { vcpus: 2, memory_mib: 8_192, disk_gib: 100, gpus: 0 } } : {})],
  });
  const { queries } = await openBar();
  await userEvent.clear(screen.getByLabelText('vCPUs'));
  await userEvent.type(screen.getByLabelText('vCPUs'), '4');
  taken = true;
  await queries.invalidateQueries({ queryKey: ['catalog'] });
  await userEvent.click(await screen.findByRole('button', { name: /^Use 2 vCPU, 128 MiB, 1 GiB on atlas/ }));
  expect(screen.getByLabelText('vCPUs')).toHaveValue(2);
  await waitFor(() => expect(quoted.at(-1)).toMatchObject({ vcpus: 2 }));
});

test('all pages of the catalog are read', async () => {
  answerCatalog();
  server.use(
    http.get('*/v1/catalog/hosts', ({ request }) =>
      new URL(request.url).searchParams.has('cursor')
        ? HttpResponse.json({ items: [fresh(rack)], next_cursor: null })
        : HttpResponse.json({ items: [fresh()], next_cursor: 'c2' }),
    ),
  );
  renderApp('/catalog');
  expect(await screen.findByText('2 of 2 hosts')).toBeInTheDocument();
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
  expect(await screen.findByText('Enter a name.')).toBeInTheDocument();
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
