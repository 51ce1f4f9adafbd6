import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import Dialog from '@/design/Dialog';
import { DialogButtons } from '@/design/DialogButtons';
import { TextField } from '@/design/Field';
import { ErrorNote } from '@/design/states';
import { useConnection } from '@/lib/hooks';
import { asProblem, messagesByField } from '@/lib/problem';
import type { Provider, ProviderTier } from '@/types/domain';
import { createProviderMutation } from '../api';
import { TierField } from './TierField';

interface ProviderFormProps {
  onMade: (provider: Provider) => void;
  onClose: () => void;
}

/** Makes an account a provider. */
export default function ProviderForm({ onMade, onClose }: ProviderFormProps) {
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [tier, setTier] = useState<ProviderTier>('community');
  const create = useMutation(createProviderMutation);
  const offline = useConnection() === 'offline';
  const problem = create.error ? asProblem(create.error) : null;
  const fields = problem ? messagesByField(problem) : {};
  return (
    <Dialog
      title="Add provider"
      description={<p className="text-ink-2">The account keeps its role and can add machines.</p>}
      onClose={onClose}
    >
      <form
        className="grid gap-3"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const display = name.trim();
          create.mutate(
            { email: email.trim(), tier, ...(display ? { display_name: display } : {}) },
            { onSuccess: onMade },
          );
        }}
      >
        {problem && Object.keys(fields).length === 0 && (
          <ErrorNote what="The provider was not added." error={problem} />
        )}
        <TextField
          label="Email of the account"
          type="email"
          autoComplete="off"
          value={email}
          error={fields.email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <TextField
          label="Display name"
          hint="Defaults to the name of the account."
          autoComplete="off"
          maxLength={80}
          value={name}
          error={fields.display_name}
          onChange={(event) => setName(event.target.value)}
        />
        <TierField value={tier} error={fields.tier} onChange={setTier} />
        <DialogButtons
          action="Add provider"
          busy={create.isPending}
          disabled={offline || !email.trim()}
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
