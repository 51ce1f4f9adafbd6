import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useForm } from 'react-hook-form';
import * as z from 'zod/mini';
import { Button, buttonClass } from '@/design/Button';
import { Notice } from '@/design/states';
import { asProblem } from '@/lib/problem';
import { endSession, session } from '@/lib/session';
import { resetPasswordMutation } from '../api-forms';
import { FormSummary } from '../components/FormSummary';
import { IdentityLayout } from '../components/IdentityLayout';
import { useEmailToken } from '../email-token';
import { NewPasswordField, newPasswordRule } from '../fields';
import { explainFailure } from '../model';

const TITLE = 'Set a new password';

const secret = z.object({
  password: newPasswordRule,
});

const askAgain = (
  <Link to="/forgot-password" className={buttonClass()}>
    Request a new link
  </Link>
);

function PasswordForm({ token }: { token: string }) {
  const reset = useMutation({
    ...resetPasswordMutation,
    // Every session of the account has ended on the server, so whoever is signed in here may be, too.
    onSuccess: () => {
      if (session.get().status === 'signed-in') endSession();
    },
  });
  const form = useForm({ resolver: zodResolver(secret), defaultValues: { password: '' } });
  const failure = reset.error && explainFailure(asProblem(reset.error));
  const gone = reset.error && (asProblem(reset.error).status === 409 || failure?.fields.token);
  if (reset.isSuccess) {
    return (
      <div className="grid gap-4" role="status">
        <Notice tone="ok">Password changed. You were signed out on all devices.</Notice>
        <Link to="/sign-in" className={buttonClass({ tone: 'primary' })}>
          Sign in
        </Link>
      </div>
    );
  }
  return (
    <form
      className="grid gap-4"
      noValidate
      onSubmit={form.handleSubmit(({ password }) => reset.mutate({ token, password }))}
      aria-label="Reset password"
    >
      <FormSummary message={failure?.summary ?? failure?.fields.token} />
      {gone ? (
        askAgain
      ) : (
        <>
          <NewPasswordField
            label="New password"
            error={form.formState.errors.password?.message ?? failure?.fields.password}
            {...form.register('password')}
          />
          <Button type="submit" tone="primary" busy={reset.isPending}>
            Set password
          </Button>
        </>
      )}
    </form>
  );
}

export function ResetPasswordPage() {
  const token = useEmailToken('/reset-password');
  return (
    <IdentityLayout title={TITLE} lead="This signs you out on all devices.">
      {token ? (
        <PasswordForm key={token} token={token} />
      ) : (
        <div className="grid gap-4">
          <FormSummary message="The link is incomplete. Open the full link from the email." />
          {askAgain}
        </div>
      )}
    </IdentityLayout>
  );
}
