import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import { makeHost } from '@/test/factories';
import { answerShell, renderApp } from '@/test/render';
import { server } from '@/test/server';

const host = makeHost({ name: 'attic' });

test('a newcomer gets a command, and sees the machine when it comes', async () => {
  answerShell();
  const machines: (typeof host)[] = [];
  server.use(
    http.get('*/v1/provider/hosts', () => HttpResponse.json({ items: machines, next_cursor: null })),
    http.post('*/v1/provider/enrollment-codes', () =>
      HttpResponse.json(
        {
          code: 'ENR-1',
          expires_at: new Date(Date.now() + 600_000).toISOString(),
          install_command: 'curl … --code ENR-1',
        },
        { status: 201 },
      ),
    ),
  );
  const { queries } = renderApp('/provider');
  await userEvent.click(await screen.findByRole('button', { name: 'Add machine' }));
  expect(await screen.findByLabelText('install command')).toHaveValue('curl … --code ENR-1');
  expect(screen.getByText('Waiting for the machine to enrol.')).toBeInTheDocument();
  machines.push(host);
  await queries.invalidateQueries({ queryKey: ['provider'] });
  expect(await screen.findByText('attic has enrolled.')).toBeInTheDocument();
});
