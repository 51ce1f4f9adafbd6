/** Shows the row of the problem that a URL such as `/v1/docs#no_capacity` names: every problem's `type` is one. */
export function showProblem(hash: string): void {
  const code = hash.slice(1);
  const cell = [...document.querySelectorAll('.info td:first-child code')].find(
    (each) => each.textContent === code,
  );
  const row = cell?.closest('tr');
  if (!row) return;
  const details = row.closest('details');
  if (details) details.open = true;
  row.tabIndex = -1;
  row.focus();
  row.scrollIntoView({ block: 'center' });
}
