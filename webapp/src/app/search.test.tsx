import { screen } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import { makeVm } from '@/test/factories';
import { answerShell, renderApp } from '@/test/render';
import { server } from '@/test/server';

test('a parameter that says nothing a page knows reads like none, and leaves the address', async () => {
  answerShell();
  server.use(http.get('*/v1/resources/vms/vm_1', () => HttpResponse.json(makeVm())));
  const { router } = renderApp('/vms/vm_1?tab=bogus&ask=');
  expect(await screen.findByRole('link', { name: 'Overview', current: 'page' })).toBeInTheDocument();
  expect(screen.getByRole('region', { name: 'Machine' })).toBeInTheDocument();
  expect(router.state.location.searchStr).toBe('');
});

test('an address never leads out of this site after sign-in', async () => {
  answerShell();
  server.use(
    http.get('*/v1/resources/vm-templates', () => HttpResponse.json({ items: [], next_cursor: null })),
  );
  server.use(http.get('*/v1/catalog/hosts', () => HttpResponse.json({ items: [], next_cursor: null })));
  const { router } = renderApp('/sign-in?return=https%3A%2F%2Felsewhere.example%2F');
  expect(await screen.findByRole('heading', { level: 1, name: 'Catalog' })).toBeInTheDocument();
  expect(router.state.location.href).toBe('/catalog');
});
