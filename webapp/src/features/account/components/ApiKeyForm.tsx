import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation } from '@tanstack/react-query';
import { useId } from 'react';
import { useForm } from 'react-hook-form';
import * as z from 'zod/mini';
import { Button } from '@/design/Button';
import { SelectField, TextField } from '@/design/Field';
import { ErrorNote } from '@/design/states';
import { explainFailure } from '@/features/identity';
import { useSession } from '@/lib/hooks';
import { asProblem } from '@/lib/problem';
import { isOperator } from '@/lib/roles';
import { serverNow } from '@/lib/time';
import type { NewApiKey, Scope } from '@/types/domain';
import { createApiKeyMutation } from '../api';
import { expiryOf, LIFETIMES, parseDollars, SCOPES } from '../model';

const apiKey = z.object({
  name: z.string().check(z.trim(), z.minLength(1, 'Enter a name.')),
  scopes: z.array(z.string()).check(z.minLength(1, 'Select at least one permission.')),
  days: z.string(),
  cap: z.string().check(
    z.refine((text) => !text.trim() || parseDollars(text) !== null, {
      error: 'Enter an amount in dollars, such as 12.50, or leave it empty.',
    }),
  ),
});

interface ScopesProps {
  error: string | undefined;
  /** The wiring of one checkbox of the form. */
  field: object;
}

function Scopes({ error, field }: ScopesProps) {
  const id = useId();
  const session = useSession();
  const operator = session.status === 'signed-in' && isOperator(session.user.role);
  return (
    <fieldset className="grid gap-1" aria-describedby={error ? `${id}-error` : undefined}>
      <legend className="mb-1 text-xs font-medium text-ink-2">Permissions</legend>
      <div className="grid gap-x-4 sm:grid-cols-2">
        {SCOPES.filter(({ operators }) => operator || !operators).map(({ scope, text }) => (
          <label
            key={scope}
            className="flex min-h-7 cursor-pointer items-start gap-2 py-1 pointer-coarse:min-h-11"
          >
            <input type="checkbox" value={scope} className="mt-0.5 size-4 accent-ink" {...field} />
            <span>
              {text} <code className="font-mono text-2xs whitespace-nowrap text-ink-3">{scope}</code>
            </span>
          </label>
        ))}
      </div>
      {error && (
        <p id={`${id}-error`} className="text-xs text-bad">
          {error}
        </p>
      )}
    </fieldset>
  );
}

interface ApiKeyFormProps {
  onMade: (key: NewApiKey) => void;
  onCancel: () => void;
}

export function ApiKeyForm({ onMade, onCancel }: ApiKeyFormProps) {
  const create = useMutation(createApiKeyMutation);
  const form = useForm({
    resolver: zodResolver(apiKey),
    defaultValues: { name: '', scopes: [], days: String(LIFETIMES[1].days), cap: '' },
  });
  const { errors } = form.formState;
  const failure = create.error && explainFailure(asProblem(create.error));
  const submit = form.handleSubmit((values) =>
    create.mutate(
      {
        name: values.name,
        scopes: values.scopes as Scope[],
        expires_at: expiryOf(Number(values.days), serverNow()),
        spend_cap_micros: values.cap.trim() ? parseDollars(values.cap) : null,
      },
      { onSuccess: onMade },
    ),
  );
  return (
    <form className="grid gap-3" noValidate onSubmit={submit} aria-label="Create API key">
      {failure?.summary && <ErrorNote what="The key was not created." error={create.error} />}
      <TextField
        label="Key name"
        placeholder="deploy from CI"
        autoComplete="off"
        error={errors.name?.message ?? failure?.fields.name}
        {...form.register('name')}
      />
      <Scopes error={errors.scopes?.message ?? failure?.fields.scopes} field={form.register('scopes')} />
      <div className="grid gap-3 sm:grid-cols-2">
        <SelectField label="Expires after" error={failure?.fields.expires_at} {...form.register('days')}>
          {LIFETIMES.map(({ days, label }) => (
            <option key={days} value={days}>
              {label}
            </option>
          ))}
        </SelectField>
        <TextField
          label="Spend cap, $"
          inputMode="decimal"
          placeholder="none"
          autoComplete="off"
          hint="The total that orders with this key may commit."
          error={errors.cap?.message ?? failure?.fields.spend_cap_micros}
          {...form.register('cap')}
        />
      </div>
      <div className="flex flex-wrap gap-2">
        <Button type="submit" tone="primary" busy={create.isPending}>
          Create key
        </Button>
        <Button onClick={onCancel}>Cancel</Button>
      </div>
    </form>
  );
}
