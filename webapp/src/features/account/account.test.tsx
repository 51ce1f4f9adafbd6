import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { beforeEach, describe, expect, test } from 'vitest';
import { makeApiKey, makeAuditRecord, makeSignIn, makeUser, refuse } from '@/test/factories';
import { answerShell, renderApp } from '@/test/render';
import { server } from '@/test/server';

const list = (items: unknown[], next_cursor: string | null = null) =>
  HttpResponse.json({ items, next_cursor });

beforeEach(() => {
  answerShell();
  server.use(http.get('*/v1/auth/ssh-keys', () => list([])));
});

describe('password', () => {
  beforeEach(() => {
    server.use(http.get('*/v1/auth/sessions', () => list([makeSignIn()])));
  });

  async function change(present: string, next: string) {
    renderApp('/settings?tab=security');
    await userEvent.type(await screen.findByLabelText('Current password'), present);
    await userEvent.type(screen.getByLabelText('New password'), next);
    await userEvent.click(screen.getByRole('button', { name: 'Change password' }));
  }

  test('a wrong one is said beside its field', async () => {
    server.use(
      http.post('*/v1/auth/password/change', () =>
        refuse({
          status: 422,
          code: 'wrong_password',
          errors: [{ pointer: '/current_password', code: 'wrong', message: 'This is not your password.' }],
        }),
      ),
    );
    await change('not it at all', 'correct horse battery');
    await screen.findByText('This is not your password.');
    expect(screen.getByLabelText('Current password')).toHaveAccessibleDescription(
      'This is not your password.',
    );
  });

  test('is changed, and the fields are emptied', async () => {
    const bodies: unknown[] = [];
    server.use(
      http.post('*/v1/auth/password/change', async ({ request }) => {
        bodies.push(await request.json());
        return new HttpResponse(null, { status: 204 });
      }),
    );
    await change('the old one', 'correct horse battery');
    expect(await screen.findByText(/Password changed/)).toBeInTheDocument();
    expect(bodies).toEqual([{ current_password: 'the old one', password: 'correct horse battery' }]);
    expect(screen.getByLabelText('New password')).toHaveValue('');
  });

  test('too short is not sent', async () => {
    await change('the old one', 'short');
    expect(await screen.findByText('Use at least 12 characters.')).toBeInTheDocument();
  });
});

test('another session is ended after a question; one’s own is not offered', async () => {
  let items = [makeSignIn(), makeSignIn({ id: 'ses_2', agent: 'Safari on iPhone', current: false })];
  server.use(
    http.get('*/v1/auth/sessions', () => list(items)),
    http.delete('*/v1/auth/sessions/ses_2', () => {
      items = items.slice(0, 1);
      return new HttpResponse(null, { status: 204 });
    }),
  );
  renderApp('/settings?tab=security');
  const sessions = await screen.findByRole('list', { name: 'Sessions' });
  expect(within(sessions).getAllByRole('button')).toHaveLength(1);
  await userEvent.click(within(sessions).getByRole('button', { name: /End session Safari/ }));
  await userEvent.click(await screen.findByRole('button', { name: 'End session' }));
  await waitFor(() => expect(screen.queryByText('Safari on iPhone')).not.toBeInTheDocument());
  expect(screen.getByText('This session')).toBeInTheDocument();
});

describe('API keys', () => {
  async function open() {
    renderApp('/settings?tab=api-keys');
    await userEvent.click(await screen.findByRole('button', { name: 'Create API key' }));
    await userEvent.type(await screen.findByLabelText('Key name'), 'ci');
  }

  test('are made with scopes, end and cap, and shown once', async () => {
    const bodies: { expires_at: string | null }[] = [];
    let items: unknown[] = [];
    server.use(
      http.get('*/v1/auth/api-keys', () => list(items)),
      http.post('*/v1/auth/api-keys', async ({ request }) => {
        bodies.push((await request.json()) as { expires_at: string });
        items = [makeApiKey()];
        return HttpResponse.json({ ...makeApiKey(), key: 'smtc_secret' }, { status: 201 });
      }),
    );
    await open();
    await userEvent.click(screen.getByLabelText(/resources:read/));
    await userEvent.click(screen.getByLabelText(/billing:read/));
    await userEvent.selectOptions(screen.getByLabelText('Expires after'), 'Never');
    await userEvent.type(screen.getByLabelText('Spend cap, $'), '2.50');
    await userEvent.click(screen.getByRole('button', { name: 'Create key' }));
    expect(await screen.findByLabelText('API key')).toHaveValue('smtc_secret');
    expect(bodies).toEqual([
      {
        name: 'ci',
        scopes: ['resources:read', 'billing:read'],
        expires_at: null,
        spend_cap_micros: 2_500_000,
      },
    ]);
    await userEvent.click(screen.getByRole('button', { name: 'Done' }));
    expect(screen.queryByDisplayValue('smtc_secret')).not.toBeInTheDocument();
    expect(await screen.findByRole('list', { name: 'API keys' })).toHaveTextContent('smtc_01JZZZZZZZZZ…');
  });

  test('without a scope are not sent, and what the server refuses stands at its field', async () => {
    server.use(
      http.get('*/v1/auth/api-keys', () => list([])),
      http.post('*/v1/auth/api-keys', () =>
        refuse({
          status: 422,
          code: 'invalid',
          errors: [{ pointer: '/name', code: 'taken', message: 'Another key has this name.' }],
        }),
      ),
    );
    await open();
    await userEvent.click(screen.getByRole('button', { name: 'Create key' }));
    expect(await screen.findByText('Select at least one permission.')).toBeInTheDocument();
    await userEvent.click(screen.getByLabelText(/catalog:read/));
    await userEvent.click(screen.getByRole('button', { name: 'Create key' }));
    await screen.findByText('Another key has this name.');
    expect(screen.getByLabelText('Key name')).toBeInvalid();
  });

  test('for operators are offered to operators only', async () => {
    server.use(http.get('*/v1/auth/api-keys', () => list([])));
    await open();
    expect(screen.queryByLabelText(/admin:write/)).not.toBeInTheDocument();
  });

  test('are revoked after a question', async () => {
    let items = [makeApiKey()];
    server.use(
      http.get('*/v1/auth/api-keys', () => list(items)),
      http.delete('*/v1/auth/api-keys/apk_1', () => {
        items = [];
        return new HttpResponse(null, { status: 204 });
      }),
    );
    renderApp('/settings?tab=api-keys');
    await userEvent.click(await screen.findByRole('button', { name: 'Revoke key ci' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Revoke key' }));
    expect(await screen.findByText(/No API keys yet/)).toBeInTheDocument();
  });
});

describe('audit', () => {
  const verdict = { records: 2, head_hash: 'f'.repeat(64), format: '' };

  test('is paged, and says that its chain holds', async () => {
    server.use(
      http.get('*/v1/auth/audit', ({ request }) =>
        new URL(request.url).searchParams.get('cursor') === 'c1'
          ? list([makeAuditRecord({ event: 'account.registered' })])
          : list([makeAuditRecord({ seq: 2 })], 'c1'),
      ),
      http.get('*/v1/auth/audit/verify', () =>
        HttpResponse.json({ ...verdict, intact: true, first_broken_seq: null }),
      ),
    );
    renderApp('/settings?tab=audit');
    expect(await screen.findByText('Chain verified')).toBeInTheDocument();
    const table = screen.getByRole('table', { name: 'Security events' });
    expect(await within(table).findByText('Signed in')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Show older events' }));
    expect(await within(table).findByText('Account created')).toBeInTheDocument();
  });

  test('names the record at which the chain breaks', async () => {
    server.use(
      http.get('*/v1/auth/audit', () => list([makeAuditRecord()])),
      http.get('*/v1/auth/audit/verify', () =>
        HttpResponse.json({ ...verdict, intact: false, first_broken_seq: 7 }),
      ),
    );
    renderApp('/settings?tab=audit');
    expect(await screen.findByText('Chain broken')).toBeInTheDocument();
    expect(screen.getByText(/Record 7 was changed or is missing/)).toBeInTheDocument();
  });
});

describe('account deletion', () => {
  async function ask() {
    renderApp('/settings?tab=profile');
    await userEvent.click(await screen.findByRole('button', { name: 'Delete account' }));
    const dialog = await screen.findByRole('dialog', { name: 'Delete your account?' });
    expect(within(dialog).getByRole('button', { name: 'Delete my account' })).toBeDisabled();
    await userEvent.type(within(dialog).getByLabelText(/^Type /), makeUser().email);
    await userEvent.type(within(dialog).getByLabelText('Password'), 'correct horse battery');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Delete my account' }));
    return dialog;
  }

  test('takes the typed address and the password, and ends at sign-in', async () => {
    const bodies: unknown[] = [];
    server.use(
      http.delete('*/v1/auth/me', async ({ request }) => {
        bodies.push(await request.json());
        return new HttpResponse(null, { status: 204 });
      }),
    );
    await ask();
    expect(await screen.findByRole('heading', { name: 'Sign in' })).toBeInTheDocument();
    expect(bodies).toEqual([{ password: 'correct horse battery' }]);
  });

  test('that is refused says why and keeps the account', async () => {
    server.use(
      http.delete('*/v1/auth/me', () =>
        refuse({ status: 409, code: 'account_in_use', detail: '2 of your machines are not terminated yet.' }),
      ),
    );
    const dialog = await ask();
    expect(await within(dialog).findByRole('alert')).toHaveTextContent('2 of your machines');
  });
});
