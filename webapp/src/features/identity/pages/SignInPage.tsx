import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useForm } from 'react-hook-form';
import * as z from 'zod/mini';
import { Button } from '@/design/Button';
import { TextField } from '@/design/Field';
import { Notice } from '@/design/states';
import { useSession } from '@/lib/hooks';
import { asProblem } from '@/lib/problem';
import { signInMutation } from '../api';
import { FormSummary } from '../components/FormSummary';
import { IdentityLayout } from '../components/IdentityLayout';
import { explainFailure, HOME } from '../model';

const route = getRouteApi('/sign-in');

const credentials = z.object({
  email: z.email('Enter an email address, such as ada@example.org.'),
  password: z.string().check(z.minLength(1, 'Enter your password.')),
});

export function SignInPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const session = useSession();
  const signIn = useMutation(signInMutation);
  const form = useForm({ resolver: zodResolver(credentials), defaultValues: { email: '', password: '' } });
  const { errors } = form.formState;
  const failure = signIn.error && explainFailure(asProblem(signIn.error));
  const submit = form.handleSubmit((values) =>
    signIn.mutate(values, { onSuccess: () => void navigate({ href: search.return ?? HOME, replace: true }) }),
  );
  return (
    <IdentityLayout
      title="Sign in"
      lead={
        <>
          New here?{' '}
          <Link to="/register" search={search} className="font-medium text-ink underline underline-offset-2">
            Create an account
          </Link>
        </>
      }
    >
      <form className="grid gap-4" noValidate onSubmit={submit} aria-label="Sign in">
        {session.status === 'signed-out' && session.reason === 'expired' && !failure && (
          <Notice tone="wait">Your session has ended. Sign in to go on where you were.</Notice>
        )}
        <FormSummary message={failure?.summary} />
        <TextField
          label="Email"
          type="email"
          autoComplete="username"
          error={errors.email?.message ?? failure?.fields.email}
          {...form.register('email')}
        />
        <TextField
          label="Password"
          type="password"
          autoComplete="current-password"
          error={errors.password?.message ?? failure?.fields.password}
          {...form.register('password')}
        />
        <Button type="submit" tone="primary" busy={signIn.isPending}>
          Sign in
        </Button>
      </form>
    </IdentityLayout>
  );
}
