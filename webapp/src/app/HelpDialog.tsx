import Dialog from '@/design/Dialog';
import { useSession, useShortcuts } from '@/lib/hooks';
import { pagesFor } from './navigation';

const SHORTCUTS = [
  ['⌘K or Ctrl K', 'Search pages and VMs, or run a command'],
  ['⌘↵ or Ctrl ↵', 'Deploy, while the deploy bar is open'],
  ['Esc', 'Close a dialog, a menu or the deploy bar'],
] as const;

const SINGLE_KEYS = [
  ['?', 'Show this list'],
  ['/', 'Focus the search of the page, or open the command palette'],
  ['j and k', 'Next and previous row of the table'],
  ['Enter', 'Open the row'],
  ['x', 'Select the row, where rows can be selected'],
  ['.', 'Open the menu of the row'],
] as const;

const NOTES = [
  [
    '“≈” before an amount',
    'An estimate from the current rate, until the server answers again. The ledger is authoritative.',
  ],
  [
    'Billing',
    'Starts when a VM is ready and ends when you request a stop or termination. Billed by the millisecond.',
  ],
  ['Held', 'Reserved for running VMs, so that they cannot spend more than the balance.'],
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
    return <p className="text-ink-2">Single-key shortcuts are off. Turn them on in Settings, Appearance.</p>;
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
