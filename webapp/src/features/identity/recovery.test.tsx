import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { beforeEach, describe, expect, test } from 'vitest';
import { makeAuditRecord, makeGrant, makeUser, refuse } from '@/test/factories';
import { answerShell, renderApp } from '@/test/render';
import { server } from '@/test/server';

beforeEach(() => {
  answerShell();
  server.use(http.post('*/v1/auth/refresh', () => refuse({ status: 401, code: 'no_session' })));
});

test('a forgotten password is asked for without saying who has an account', async () => {
  server.use(
    http.post('*/v1/auth/password/forgot', () =>
      HttpResponse.json({ detail: 'If there is an account, an email is on its way.' }, { status: 202 }),
    ),
  );
  renderApp('/sign-in');
  await userEvent.click(await screen.findByRole('link', { name: 'Forgot your password?' }));
  await screen.findByRole('heading', { name: 'Forgot your password?' });
  await userEvent.type(screen.getByLabelText('Email'), 'ada@example.org');
  await userEvent.click(screen.getByRole('button', { name: 'Send link' }));
  expect(await screen.findByText(/an email is on its way/)).toBeInTheDocument();
});

test('where no email is sent, none is promised', async () => {
  server.use(
    http.get('*/v1/auth/providers', () =>
      HttpResponse.json({ password: true, google: false, emails: 'none' }),
    ),
  );
  renderApp('/forgot-password');
  expect(await screen.findByText(/does not send email/)).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Send link' })).not.toBeInTheDocument();
});

test('on one machine it says where the email is', async () => {
  server.use(
    http.get('*/v1/auth/providers', () =>
      HttpResponse.json({ password: true, google: false, emails: 'outbox' }),
    ),
    http.post('*/v1/auth/password/forgot', () =>
      HttpResponse.json({ detail: 'If there is an account, `make emails` shows it.' }, { status: 202 }),
    ),
  );
  renderApp('/forgot-password');
  expect(
    await screen.findByText(/is written to a folder on the machine that runs this platform/),
  ).toBeInTheDocument();
  await userEvent.type(screen.getByLabelText('Email'), 'ada@example.org');
  await userEvent.click(screen.getByRole('button', { name: 'Send link' }));
  expect(await screen.findByText(/`make emails` shows it/)).toBeInTheDocument();
});

describe('confirming an email', () => {
  const confirm = async () => userEvent.click(await screen.findByRole('button', { name: 'Confirm email' }));

  test('takes the token out of the address and sends it only when asked to', async () => {
    const bodies: unknown[] = [];
    server.use(
      http.post('*/v1/auth/email/confirm', async ({ request }) => {
        bodies.push(await request.json());
        return HttpResponse.json({ email: 'ada@example.org' });
      }),
    );
    const { router } = renderApp('/confirm-email#token=t0ken');
    await screen.findByRole('heading', { name: 'Confirm your email' });
    expect(bodies).toEqual([]);
    await confirm();
    expect(await screen.findByText('ada@example.org is confirmed.')).toBeInTheDocument();
    expect(bodies).toEqual([{ token: 't0ken' }]);
    expect(router.state.location.href).toBe('/confirm-email');
  });

  test('with a link that is gone says so', async () => {
    server.use(http.post('*/v1/auth/email/confirm', () => refuse({ status: 409, code: 'proof_link_gone' })));
    renderApp('/confirm-email#token=old');
    await confirm();
    expect(await screen.findByRole('alert')).toHaveTextContent('expired after a day');
  });
});

describe('reset', () => {
  const set = async () => {
    await userEvent.type(await screen.findByLabelText('New password'), 'correct horse battery');
    await userEvent.click(screen.getByRole('button', { name: 'Set password' }));
  };

  test('takes the token out of the address and sends it with the new password', async () => {
    const bodies: unknown[] = [];
    server.use(
      http.post('*/v1/auth/password/reset', async ({ request }) => {
        bodies.push(await request.json());
        return new HttpResponse(null, { status: 204 });
      }),
    );
    const { router } = renderApp('/reset-password#token=t0ken');
    await set();
    expect(await screen.findByText(/Password changed/)).toBeInTheDocument();
    expect(bodies).toEqual([{ token: 't0ken', password: 'correct horse battery' }]);
    expect(router.state.location.href).toBe('/reset-password');
  });

  test('with a link that is gone leads to another one', async () => {
    server.use(http.post('*/v1/auth/password/reset', () => refuse({ status: 409, code: 'reset_link_gone' })));
    renderApp('/reset-password#token=old');
    await set();
    expect(await screen.findByRole('alert')).toHaveTextContent('was already used');
    expect(screen.getByRole('link', { name: 'Request a new link' })).toBeInTheDocument();
  });

  test('without a token says so', async () => {
    renderApp('/reset-password');
    expect(await screen.findByRole('alert')).toHaveTextContent('The link is incomplete');
  });
});

describe('Google', () => {
  test('is offered where it is set up, as a link that leaves', async () => {
    server.use(http.get('*/v1/auth/providers', () => HttpResponse.json({ password: true, google: true })));
    renderApp('/sign-in?problem=google_email_taken');
    const link = await screen.findByRole('link', { name: 'Continue with Google' });
    expect(link).toHaveAttribute('href', '/v1/auth/google/start');
    expect(screen.getByRole('alert')).toHaveTextContent('Sign in with its password');
  });

  test('is not drawn elsewhere', async () => {
    const { queries } = renderApp('/sign-in');
    await screen.findByRole('button', { name: 'Sign in' });
    await expect.poll(() => queries.getQueryData(['providers'])).toBeDefined();
    expect(screen.queryByRole('link', { name: /Google/ })).not.toBeInTheDocument();
  });
});

describe('direct access', () => {
  async function enter() {
    renderApp('/admin');
    await userEvent.type(await screen.findByLabelText('Email'), 'ops@example.org');
    await userEvent.type(screen.getByLabelText('Password'), 'correct horse battery');
    await userEvent.click(screen.getByRole('button', { name: 'Sign in as operator' }));
  }

  test('leads operators to their page', async () => {
    server.use(
      http.post('*/v1/auth/admin/direct', () =>
        HttpResponse.json(makeGrant({ user: makeUser({ role: 'ops-admin' }) })),
      ),
      http.get('*/v1/auth/audit', () => HttpResponse.json({ items: [makeAuditRecord()], next_cursor: null })),
      http.get('*/v1/auth/audit/verify', () =>
        HttpResponse.json({ intact: true, records: 1, head_hash: 'f', first_broken_seq: null, format: '' }),
      ),
    );
    await enter();
    expect(await screen.findByRole('heading', { level: 1, name: 'Admin' })).toBeInTheDocument();
    expect(screen.getAllByRole('link', { name: 'Admin' })[0]).toHaveAttribute('href', '/admin/overview');
  });

  test('keeps everybody else out', async () => {
    server.use(http.post('*/v1/auth/admin/direct', () => refuse({ status: 401, code: 'wrong_credentials' })));
    await enter();
    expect(await screen.findByRole('alert')).toHaveTextContent('do not match an operator’s account');
  });
});
