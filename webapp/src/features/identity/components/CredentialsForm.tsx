import { zodResolver } from '@hookform/resolvers/zod';
import type { ReactNode } from 'react';
import { useForm } from 'react-hook-form';
import * as z from 'zod/mini';
import { Button } from '@/design/Button';
import { TextField } from '@/design/Field';
import type { Credentials } from '../api-forms';
import { EmailField, emailRule } from '../fields';
import type { FormFailure } from '../model';
import { FormSummary } from './FormSummary';

const credentials = z.object({
  email: emailRule,
  password: z.string().check(z.minLength(1, 'Enter your password.')),
});

interface CredentialsFormProps {
  /** The name of the form and of its button. */
  action: string;
  failure: FormFailure | null;
  /** A notice above the fields. */
  notice?: ReactNode;
  busy: boolean;
  onSubmit: (values: Credentials) => void;
  children?: ReactNode;
}

/** Email and password, at either door. */
export function CredentialsForm({ action, failure, notice, busy, onSubmit, children }: CredentialsFormProps) {
  const form = useForm({ resolver: zodResolver(credentials), defaultValues: { email: '', password: '' } });
  const { errors } = form.formState;
  return (
    <form
      className="grid gap-4"
      noValidate
      onSubmit={form.handleSubmit((values) => onSubmit(values))}
      aria-label={action}
    >
      {notice}
      <FormSummary message={failure?.summary} />
      <EmailField error={errors.email?.message ?? failure?.fields.email} {...form.register('email')} />
      <TextField
        label="Password"
        type="password"
        autoComplete="current-password"
        error={errors.password?.message ?? failure?.fields.password}
        {...form.register('password')}
      />
      <Button type="submit" tone="primary" busy={busy}>
        {action}
      </Button>
      {children}
    </form>
  );
}
