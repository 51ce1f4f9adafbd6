import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation } from '@tanstack/react-query';
import { useForm } from 'react-hook-form';
import * as z from 'zod/mini';
import { Button } from '@/design/Button';
import { TextField } from '@/design/Field';
import { Section } from '@/design/Page';
import { ErrorNote, Notice } from '@/design/states';
import { explainFailure, NewPasswordField, newPasswordRule } from '@/features/identity';
import { useSession } from '@/lib/hooks';
import { asProblem } from '@/lib/problem';
import { changePasswordMutation } from '../api';

const passwords = z.object({
  current_password: z.string().check(z.minLength(1, 'Enter your current password.')),
  password: newPasswordRule,
});

export function PasswordForm() {
  const session = useSession();
  const change = useMutation(changePasswordMutation);
  const form = useForm({
    resolver: zodResolver(passwords),
    defaultValues: { current_password: '', password: '' },
  });
  const { errors } = form.formState;
  const failure = change.error && explainFailure(asProblem(change.error));
  return (
    <Section title="Password">
      <form
        className="grid gap-3"
        noValidate
        aria-label="Change password"
        onSubmit={form.handleSubmit((values) => change.mutate(values, { onSuccess: () => form.reset() }))}
      >
        <div role="status" className="empty:-mb-3">
          {change.isSuccess && (
            <Notice tone="ok">Password changed. All other sessions were signed out.</Notice>
          )}
        </div>
        {failure?.summary && <ErrorNote what="The password was not changed." error={change.error} />}
        {/* Password managers file the new password under this. */}
        <input
          type="text"
          name="username"
          autoComplete="username"
          readOnly
          hidden
          value={session.status === 'signed-in' ? session.user.email : ''}
        />
        <TextField
          label="Current password"
          type="password"
          autoComplete="current-password"
          error={errors.current_password?.message ?? failure?.fields.current_password}
          {...form.register('current_password')}
        />
        <NewPasswordField
          label="New password"
          error={errors.password?.message ?? failure?.fields.password}
          {...form.register('password')}
        />
        <div>
          <Button type="submit" tone="primary" busy={change.isPending}>
            Change password
          </Button>
        </div>
      </form>
    </Section>
  );
}
