import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useForm } from 'react-hook-form';
import * as z from 'zod/mini';
import { Button } from '@/design/Button';
import { Notice } from '@/design/states';
import { asProblem } from '@/lib/problem';
import { providersQuery } from '../api';
import { forgotPasswordMutation } from '../api-forms';
import { FormSummary } from '../components/FormSummary';
import { IdentityLayout } from '../components/IdentityLayout';
import { EmailField, emailRule } from '../fields';
import { explainFailure } from '../model';

const WHAT_HAPPENS = {
  email: 'Enter your email address and we will send you a link.',
  outbox:
    'Enter your email address. The email with the link is written to a folder on the machine that runs this platform.',
  none: 'This platform does not send email, so it cannot send you a link.',
};

const address = z.object({ email: emailRule });

export function ForgotPasswordPage() {
  const ask = useMutation(forgotPasswordMutation);
  const form = useForm({ resolver: zodResolver(address), defaultValues: { email: '' } });
  const failure = ask.error && explainFailure(asProblem(ask.error));
  const emails = useQuery(providersQuery).data?.emails;
  return (
    <IdentityLayout
      title="Forgot your password?"
      lead={
        <>
          {WHAT_HAPPENS[emails ?? 'email']} Remembered it?{' '}
          <Link to="/sign-in" className="font-medium text-ink underline underline-offset-2">
            Sign in
          </Link>
        </>
      }
    >
      {emails === 'none' ? (
        <Notice tone="warn">Contact the operator of this platform to regain access.</Notice>
      ) : (
        <form
          className="grid gap-4"
          noValidate
          onSubmit={form.handleSubmit((values) => ask.mutate(values))}
          aria-label="Forgot your password?"
        >
          <div role="status" className="empty:-mb-4">
            {ask.data && <Notice tone="ok">{ask.data.detail} The link works once, within 30 minutes.</Notice>}
          </div>
          <FormSummary message={failure?.summary} />
          <EmailField
            error={form.formState.errors.email?.message ?? failure?.fields.email}
            {...form.register('email')}
          />
          <Button type="submit" tone="primary" busy={ask.isPending}>
            {ask.data ? 'Send another link' : 'Send link'}
          </Button>
        </form>
      )}
    </IdentityLayout>
  );
}
