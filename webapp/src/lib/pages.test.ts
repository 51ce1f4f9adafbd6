import { QueryClient } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import { listQuery, type PageStart, readPage } from './pages';

/** A list of so many pages, of which these hold a line. */
function listOf(pages: number, full: readonly number[]) {
  const asked: string[] = [];
  const read = ({ cursor }: PageStart) => {
    const at = Number(cursor ?? 0);
    asked.push(cursor ?? '');
    return Promise.resolve({
      items: full.includes(at) ? [`line of ${at}`] : [],
      next_cursor: at + 1 < pages ? String(at + 1) : null,
    });
  };
  return { asked, read };
}

test('a page without lines is no end: it is read on to the first that holds one', async () => {
  const { asked, read } = listOf(6, [3, 4]);
  expect(await readPage(read)).toEqual({ items: ['line of 3'], next_cursor: '4' });
  expect(asked).toEqual(['', '1', '2', '3']);
});

test('a page with lines is not read past, and a list without any ends where it ends', async () => {
  const full = listOf(3, [0]);
  expect(await readPage(full.read)).toEqual({ items: ['line of 0'], next_cursor: '1' });
  expect(full.asked).toEqual(['']);
  const empty = listOf(3, []);
  expect(await readPage(empty.read)).toEqual({ items: [], next_cursor: null });
  expect(empty.asked).toHaveLength(3);
});

test('it is not read on for ever: after ten pages the reader is asked', async () => {
  const { asked, read } = listOf(40, [25]);
  expect(await readPage(read)).toEqual({ items: [], next_cursor: '10' });
  expect(asked).toHaveLength(10);
});

test('a list reads on from page to page, and ends with the last', async () => {
  const { asked, read } = listOf(6, [1, 4]);
  const lines = listQuery({ queryKey: ['lines'], read });
  const { pages } = await new QueryClient().fetchInfiniteQuery({ ...lines, pages: 5 });
  expect(pages.map(({ items }) => items)).toEqual([['line of 1'], ['line of 4'], []]);
  expect(asked).toEqual(['', '1', '2', '3', '4', '5']);
});
