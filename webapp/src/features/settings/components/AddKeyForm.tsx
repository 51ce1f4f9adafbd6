import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation } from '@tanstack/react-query';
import { useForm } from 'react-hook-form';
import * as z from 'zod/mini';
import { Button } from '@/design/Button';
import { TextAreaField, TextField } from '@/design/Field';
import { ErrorNote } from '@/design/states';
import { asProblem } from '@/lib/problem';
import type { SshKey } from '@/types/domain';
import { addSshKeyMutation } from '../api-changes';
import { explainKeyFailure, looksPrivate, MAX_KEY_NAME_CHARS, nameFromKey, normaliseKey } from '../model';

const PRIVATE =
  'This is a private key. Both fields were cleared and nothing was sent. Paste the public key, from the file that ends in .pub.';

const sshKey = z.object({
  name: z
    .string()
    .check(
      z.trim(),
      z.minLength(1, 'Enter a name.'),
      z.maxLength(MAX_KEY_NAME_CHARS, `Use at most ${MAX_KEY_NAME_CHARS} characters.`),
    ),
  public_key: z
    .string()
    .check(
      z.overwrite(normaliseKey),
      z.regex(/^(ssh-|ecdsa-|sk-)\S+ \S+/, 'Paste one public key that starts with ssh-ed25519 or ssh-rsa.'),
    ),
});

interface AddKeyFormProps {
  onAdded: (key: SshKey) => void;
  onCancel?: (() => void) | undefined;
}

/** Adds an SSH public key; used in the settings and in the deploy bar. */
export function AddKeyForm({ onAdded, onCancel }: AddKeyFormProps) {
  const add = useMutation(addSshKeyMutation);
  const form = useForm({ resolver: zodResolver(sshKey), defaultValues: { name: '', public_key: '' } });
  const { errors } = form.formState;
  const failure = add.error && explainKeyFailure(asProblem(add.error));
  // at once, in either field: a part of it may stand in the other as the suggested name
  const refusePrivate = (values: { name: string; public_key: string }): boolean => {
    if (!looksPrivate(values.public_key) && !looksPrivate(values.name)) return false;
    form.reset();
    form.setError('public_key', { message: PRIVATE });
    return true;
  };
  const onChange = () => {
    if (refusePrivate(form.getValues())) return;
    if (!form.formState.isSubmitted) form.clearErrors();
  };
  const publicKey = form.register('public_key', {
    onChange: (event: { target: { value: string } }) => {
      onChange();
      const suggested = nameFromKey(event.target.value);
      if (suggested && form.getValues('public_key') && !form.getValues('name'))
        form.setValue('name', suggested);
    },
  });
  const submit = form.handleSubmit((values) => {
    if (refusePrivate(values)) return;
    add.mutate(values, {
      onSuccess: (key) => {
        form.reset();
        onAdded(key);
      },
    });
  });
  return (
    <form className="grid gap-3" noValidate onSubmit={submit} aria-label="Add SSH key">
      {failure?.summary && <ErrorNote what="The key was not added." error={add.error} />}
      <TextAreaField
        label="Public key"
        placeholder="ssh-ed25519 AAAA… you@laptop"
        spellCheck={false}
        autoComplete="off"
        hint={
          <>
            From <code className="font-mono">~/.ssh/id_ed25519.pub</code>. Keep the private key to yourself.
          </>
        }
        error={errors.public_key?.message ?? failure?.fields.public_key}
        {...publicKey}
      />
      <div className="flex flex-wrap items-start gap-2">
        <TextField
          label="Key name"
          autoComplete="off"
          className="min-w-40 flex-1"
          error={errors.name?.message ?? failure?.fields.name}
          {...form.register('name', { onChange })}
        />
        <Button type="submit" tone="primary" busy={add.isPending} className="mt-5">
          Add key
        </Button>
        {onCancel && (
          <Button onClick={onCancel} className="mt-5">
            Cancel
          </Button>
        )}
      </div>
    </form>
  );
}
