import { expect, test } from 'vitest';
import { navigationFor, pagesFor } from './navigation';

test('only operators are shown the admin pages', () => {
  const paths = (role: string | undefined) => pagesFor(role).map(({ to }) => to);
  expect(paths('user')).not.toContain('/admin/overview');
  expect(paths(undefined)).toEqual(paths('user'));
  expect(paths('ops-admin')).toEqual([...paths('user'), '/admin/overview']);
});

test('every page has a letter and a path of its own', () => {
  const pages = pagesFor('super-admin');
  expect(new Set(pages.map(({ letter }) => letter)).size).toBe(pages.length);
  expect(new Set(pages.map(({ to }) => to)).size).toBe(pages.length);
});

test('no group is empty', () => {
  for (const { group, pages } of navigationFor(undefined))
    expect([group, pages.length > 0]).toEqual([group, true]);
});
