import { beforeEach, expect, test } from 'vitest';
import { showProblem } from './problems';

beforeEach(() => {
  document.body.innerHTML = `<div class="info"><details><table>
    <tr id="a"><td><code>busy</code></td></tr><tr id="b"><td><code>no_capacity</code></td></tr>
  </table></details></div>`;
  Element.prototype.scrollIntoView = () => {};
});

test('opens the list and shows the row that the hash names', () => {
  showProblem('#no_capacity');
  expect(document.querySelector('details')?.open).toBe(true);
  expect(document.activeElement?.id).toBe('b');
});

test('leaves the list closed for an operation', () => {
  showProblem('#/resources/resources_create_vm');
  expect(document.querySelector('details')?.open).toBe(false);
});
