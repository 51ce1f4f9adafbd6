import Dialog from '@/design/Dialog';
import { useSession, useShortcuts } from '@/lib/hooks';
import { pagesFor } from './navigation';

const SHORTCUTS = [
  ['⌘K or Ctrl K', 'Search pages and VMs, or run a command'],
  ['⌘↵ or Ctrl ↵', 'Deploy, while the deploy bar is open'],
  ['Esc', 'Close a dialog, a menu or the deploy bar'],
] as const;

const SINGLE_KEYS = [
  ['?', 'This list'],
  ['/', 'Search this page, or the whole console'],
  ['j and k', 'Next and previous row of the table'],
  ['Enter', 'Open the row'],
  ['x', 'Select the row, where rows can be selected'],
  ['.', 'The row’s menu'],
] as const;

const NOTES = [
  ['“≈” before an amount', 'Computed here from the rate since the server last answered; the ledger decides.'],
  [
    'Billing',
    'Begins when a VM is ready and ends at your stop or terminate request; billed by the millisecond.',
  ],
  ['Held', 'Reserved for what runs now, so that a VM cannot outrun the balance.'],
] as const;

function List({ items }: { items: readonly (readonly [string, string])[] }) {
  return (
    <dl className="grid gap-2">
      {items.map(([term, text]) => (
        <div key={term} className="grid gap-x-3 sm:grid-cols-[9rem_minmax(0,1fr)]">
          <dt className="font-medium">{term}</dt>
          <dd className="text-ink-2">{text}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The single keys as they are now: the pages differ by role, and all of them can be off. */
function SingleKeys() {
  const on = useShortcuts();
  const session = useSession();
  const role = session.status === 'signed-in' ? session.user.role : undefined;
  if (!on)
    return <p className="text-ink-2">Single-key shortcuts are off. Settings, Appearance turns them on.</p>;
  const pages = pagesFor(role).map(({ letter, label }) => [`g then ${letter}`, `Go to ${label}`] as const);
  return <List items={[...SINGLE_KEYS, ...pages]} />;
}

export default function HelpDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Help and shortcuts" onClose={onClose}>
      <List items={SHORTCUTS} />
      <SingleKeys />
      <hr />
      <List items={NOTES} />
    </Dialog>
  );
}
