import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Component, type ReactNode, Suspense } from 'react';
import { expect, test, vi } from 'vitest';
import { forgetMissingParts, lazyPart, PartMissing } from './lazy-part';

class Boundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: undefined as unknown };
  static getDerivedStateFromError = (error: unknown) => ({ error });
  override render() {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    const retry = () => {
      forgetMissingParts();
      this.setState({ error: undefined });
    };
    return (
      <button type="button" onClick={retry}>
        {error instanceof PartMissing ? 'Retry' : 'Broken'}
      </button>
    );
  }
}

test('a part that could not be fetched is asked for again, without a reload', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const load = vi
    .fn<() => Promise<{ default: () => ReactNode }>>()
    .mockRejectedValueOnce(new TypeError('Failed to fetch dynamically imported module: /assets/x.js'))
    .mockResolvedValue({ default: () => <p>Here it is</p> });
  const Part = lazyPart(load);
  render(
    <Boundary>
      <Suspense fallback="…">
        <Part />
      </Suspense>
    </Boundary>,
  );
  await userEvent.click(await screen.findByRole('button', { name: 'Retry' }));
  expect(await screen.findByText('Here it is')).toBeInTheDocument();
  expect(load).toHaveBeenCalledTimes(2);
});
