import { act, renderHook } from '@testing-library/react';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { useHiddenColumns } from './hidden-columns';
import { usePicked } from './selection';

const key = (row: string) => row;
const select = (initial: string[]) =>
  renderHook(({ rows }) => usePicked(rows, key), { initialProps: { rows: initial } });

describe('selected rows', () => {
  test('are none, some or all of those shown', () => {
    const { result } = select(['a', 'b']);
    expect(result.current).toMatchObject({ picked: [], extent: 'none' });
    act(() => result.current.toggle('b'));
    expect(result.current).toMatchObject({ picked: ['b'], extent: 'some' });
    act(() => result.current.toggleAll());
    expect(result.current).toMatchObject({ picked: ['a', 'b'], extent: 'all' });
    act(() => result.current.toggleAll());
    expect(result.current.extent).toBe('none');
  });

  test('of an empty table are none, not all', () => {
    expect(select([]).result.current.extent).toBe('none');
  });

  test('that left the table are no longer selected', () => {
    const { result, rerender } = select(['a', 'b']);
    act(() => result.current.toggle('a'));
    rerender({ rows: ['b', 'c'] });
    expect(result.current).toMatchObject({ picked: [], extent: 'none' });
  });
});

describe('hidden columns', () => {
  afterEach(() => localStorage.clear());

  test('are remembered by table', () => {
    const { result } = renderHook(() => useHiddenColumns('vms'));
    act(() => result.current[1]('host'));
    expect([...result.current[0]]).toEqual(['host']);
    expect([...renderHook(() => useHiddenColumns('vms')).result.current[0]]).toEqual(['host']);
    expect([...renderHook(() => useHiddenColumns('hosts')).result.current[0]]).toEqual([]);
    act(() => result.current[1]('host'));
    expect(localStorage.length).toBe(0);
  });

  test.each(['{', '7', '["host", 3]'])('what is stored as %s is read as far as it goes', (stored) => {
    localStorage.setItem('sharemtc.table.vms.hidden', stored);
    const [hidden] = renderHook(() => useHiddenColumns('vms')).result.current;
    expect([...hidden].every((id) => id === 'host')).toBe(true);
  });

  test('last until the page is closed where nothing can be stored', () => {
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    const { result } = renderHook(() => useHiddenColumns('vms'));
    act(() => result.current[1]('host'));
    expect([...result.current[0]]).toEqual(['host']);
  });
});
