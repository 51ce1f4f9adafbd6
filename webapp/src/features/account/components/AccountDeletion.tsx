import { useMutation } from '@tanstack/react-query';
import { Suspense, useState } from 'react';
import { Button } from '@/design/Button';
import { DialogButtons } from '@/design/DialogButtons';
import { TextField } from '@/design/Field';
import { Section } from '@/design/Page';
import { ErrorNote } from '@/design/states';
import { TypeToConfirm } from '@/design/TypeToConfirm';
import { explainFailure } from '@/features/identity';
import { useSession } from '@/lib/hooks';
import { lazyPart } from '@/lib/lazy-part';
import { asProblem } from '@/lib/problem';
import { deleteAccountMutation } from '../api';

const Dialog = lazyPart(() => import('@/design/Dialog'));

function Question({ email, onClose }: { email: string; onClose: () => void }) {
  const remove = useMutation(deleteAccountMutation);
  const [typed, setTyped] = useState('');
  const [password, setPassword] = useState('');
  const failure = remove.error && explainFailure(asProblem(remove.error));
  const ready = typed.trim().toLowerCase() === email.toLowerCase();
  return (
    <Dialog
      title="Delete your account?"
      description={
        <p className="text-ink-2">
          Your keys, sessions and settings are deleted, and any balance in your wallet is forfeited. The
          ledger and the audit log are kept without your name. This cannot be undone.
        </p>
      }
      onClose={onClose}
    >
      <form
        className="grid gap-3"
        aria-label="Delete account"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) remove.mutate(password);
        }}
      >
        <TypeToConfirm expected={email} typed={typed} onChange={setTyped} />
        <TextField
          label="Password"
          type="password"
          autoComplete="current-password"
          hint="Leave empty if you sign in with Google."
          value={password}
          error={failure?.fields.password}
          onChange={(event) => setPassword(event.target.value)}
        />
        {failure?.summary && <ErrorNote what="Your account was not deleted." error={remove.error} />}
        <DialogButtons
          action="Delete my account"
          danger
          busy={remove.isPending}
          disabled={!ready}
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}

/** The way out, for good. Refused while something of the account's runs, holds money or is shared. */
export function AccountDeletion() {
  const session = useSession();
  const [asking, setAsking] = useState(false);
  if (session.status !== 'signed-in') return null;
  return (
    <Section title="Delete account">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-xl text-ink-2">
          Terminate your VMs and retire your machines first. Any balance left in your wallet is forfeited.
        </p>
        <Button tone="danger" onClick={() => setAsking(true)}>
          Delete account
        </Button>
      </div>
      {asking && (
        <Suspense>
          <Question email={session.user.email} onClose={() => setAsking(false)} />
        </Suspense>
      )}
    </Section>
  );
}
