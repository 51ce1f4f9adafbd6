import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import { makeVm } from '@/test/factories';
import { answerShell, renderApp } from '@/test/render';
import { server } from '@/test/server';

/** A list whose only line is on the page of this number. */
function answerPages(at: number) {
  server.use(
    http.get('*/v1/resources/vms', ({ request }) => {
      const page = Number(new URL(request.url).searchParams.get('cursor') ?? 0);
      const last = page === at;
      return HttpResponse.json({
        items: last ? [makeVm({ name: 'deep-1' })] : [],
        next_cursor: last ? null : String(page + 1),
      });
    }),
  );
}

test('pages without lines are read over, not shown as an empty list', async () => {
  answerShell();
  answerPages(4);
  renderApp('/vms');
  expect(await screen.findByRole('row', { name: /deep-1/ })).toBeInTheDocument();
  expect(screen.queryByText(/You have no VM yet/)).not.toBeInTheDocument();
});

test('a list that goes on beyond what is read at once does not say that there is nothing', async () => {
  answerShell();
  answerPages(14);
  renderApp('/vms');
  expect(await screen.findByText('No matches so far. Load more to continue.')).toBeInTheDocument();
  expect(screen.queryByText(/You have no VM yet/)).not.toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Show more' }));
  expect(await screen.findByRole('row', { name: /deep-1/ })).toBeInTheDocument();
});
