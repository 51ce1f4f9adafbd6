import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { beforeEach, describe, expect, test } from 'vitest';
import { makeGrant, makeVm, refuse } from '@/test/factories';
import { answerShell, renderApp } from '@/test/render';
import { server } from '@/test/server';

const nobody = http.post('*/v1/auth/refresh', () => refuse({ status: 401, code: 'no_session' }));

beforeEach(() => {
  answerShell({ vms: [makeVm()] });
  server.use(nobody);
});

describe('sign in', () => {
  test('leads back to the page that asked for it', async () => {
    server.use(http.post('*/v1/auth/login', () => HttpResponse.json(makeGrant())));
    const { router } = renderApp('/vms?view=all');
    await userEvent.type(await screen.findByLabelText('Email'), 'ada@example.org');
    await userEvent.type(screen.getByLabelText('Password'), 'correct horse');
    await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(await screen.findByRole('heading', { level: 1, name: 'VM' })).toBeInTheDocument();
    expect(router.state.location.href).toBe('/vms?view=all');
  });

  test('says that the credentials are wrong without saying which', async () => {
    server.use(http.post('*/v1/auth/login', () => refuse({ status: 401, code: 'wrong_credentials' })));
    renderApp('/sign-in');
    await userEvent.type(await screen.findByLabelText('Email'), 'ada@example.org');
    await userEvent.type(screen.getByLabelText('Password'), 'wrong');
    await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('do not match an account');
  });

  test.each([
    ['expired', '30 days of inactivity'],
    ['signed_out', 'from another device or browser'],
    ['password_changed', 'the password of this account was changed'],
    ['reused', 'a copy of your session was used elsewhere'],
  ])('says why a session ended: %s', async (reason, words) => {
    server.use(http.post('*/v1/auth/refresh', () => refuse({ status: 401, code: 'session_ended', reason })));
    renderApp('/vms');
    expect(await screen.findByText(new RegExp(words))).toBeInTheDocument();
  });

  test('lets password managers work', async () => {
    renderApp('/sign-in');
    expect(await screen.findByLabelText('Email')).toHaveAttribute('autocomplete', 'username');
    expect(screen.getByLabelText('Password')).toHaveAttribute('autocomplete', 'current-password');
  });
});

describe('register', () => {
  async function fill(password: string) {
    renderApp('/register');
    await userEvent.type(await screen.findByLabelText('Name'), 'Ada');
    await userEvent.type(screen.getByLabelText('Email'), 'ada@example.org');
    await userEvent.click(screen.getByLabelText('Password'));
    await userEvent.paste(password);
    await userEvent.click(screen.getByRole('button', { name: 'Create account' }));
  }

  test('puts the server’s message beside the field it points at', async () => {
    server.use(
      http.post('*/v1/auth/register', () =>
        refuse({
          status: 422,
          code: 'invalid',
          errors: [{ pointer: '/email', code: 'disposable', message: 'Use a lasting address.' }],
        }),
      ),
    );
    await fill('correct horse battery');
    const email = screen.getByLabelText('Email');
    await screen.findByText('Use a lasting address.');
    expect(email).toBeInvalid();
    expect(email).toHaveAccessibleDescription('Use a lasting address.');
    expect(email).toHaveValue('ada@example.org');
  });

  test('asks for a long enough password before sending anything', async () => {
    await fill('short');
    expect(await screen.findByText('Use at least 12 characters.')).toBeInTheDocument();
  });
});

test('an unreachable server at the start is no sign-out: it says so and offers to retry', async () => {
  server.use(http.post('*/v1/auth/refresh', () => HttpResponse.error()));
  renderApp('/vms');
  expect(await screen.findByRole('heading', { name: 'The console could not start' })).toBeInTheDocument();
  answerShell({ vms: [makeVm()] });
  await userEvent.click(screen.getByRole('button', { name: 'Retry' }));
  expect(await screen.findByRole('link', { name: 'web-1' })).toBeInTheDocument();
});
