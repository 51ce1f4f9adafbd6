import { afterEach, describe, expect, test } from 'vitest';
import { keysAreTaken, setShortcuts, shortcuts } from './shortcuts';

afterEach(() => {
  document.body.innerHTML = '';
  setShortcuts(true);
});

/** A key pressed on an element of the page. */
function press(html: string, init: KeyboardEventInit = {}): boolean {
  document.body.innerHTML = html;
  const target = document.querySelector('[data-here]') ?? document.body;
  let taken = false;
  const listener = (event: KeyboardEvent) => {
    taken = keysAreTaken(event);
  };
  window.addEventListener('keydown', listener);
  target.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', bubbles: true, ...init }));
  window.removeEventListener('keydown', listener);
  return taken;
}

describe('single keys', () => {
  test.each([
    '<input data-here />',
    '<input type="search" data-here />',
    '<textarea data-here></textarea>',
    '<select data-here></select>',
    '<div contenteditable="true"><b data-here>x</b></div>',
  ])('are text in %s', (html) => {
    expect(press(html)).toBe(true);
  });

  test.each(['<button data-here>x</button>', '<input type="checkbox" data-here />', '<p data-here>x</p>'])(
    'are shortcuts on %s',
    (html) => {
      expect(press(html)).toBe(false);
    },
  );

  test.each(['<div role="dialog"></div>', '<dialog open></dialog>', '<div role="menu"></div>'])(
    'are silent below %s',
    (html) => {
      expect(press(html)).toBe(true);
    },
  );

  test.each([{ ctrlKey: true }, { metaKey: true }, { altKey: true }])('are not for %o', (init) => {
    expect(press('<p data-here>x</p>', init)).toBe(true);
  });
});

test('the choice is saved in this browser', () => {
  setShortcuts(false);
  expect(shortcuts.get()).toBe(false);
  expect(localStorage.getItem('sharemtc.shortcuts')).toBe('off');
});
