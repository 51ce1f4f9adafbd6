import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useForm } from 'react-hook-form';
import * as z from 'zod/mini';
import { Button } from '@/design/Button';
import { TextField } from '@/design/Field';
import { asProblem } from '@/lib/problem';
import { registerMutation } from '../api-forms';
import { FormSummary } from '../components/FormSummary';
import { IdentityLayout } from '../components/IdentityLayout';
import { EmailField, emailRule, NewPasswordField, newPasswordRule } from '../fields';
import { explainFailure } from '../model';
import { HOME } from '../paths';

const route = getRouteApi('/register');

const account = z.object({
  name: z.string().check(z.trim(), z.minLength(1, 'Enter your name.')),
  email: emailRule,
  password: newPasswordRule,
});

export function RegisterPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const register = useMutation(registerMutation);
  const form = useForm({
    resolver: zodResolver(account),
    defaultValues: { name: '', email: '', password: '' },
  });
  const { errors } = form.formState;
  const failure = register.error && explainFailure(asProblem(register.error));
  const submit = form.handleSubmit((values) =>
    register.mutate(values, {
      onSuccess: () => void navigate({ href: search.return ?? HOME, replace: true }),
    }),
  );
  return (
    <IdentityLayout
      title="Create an account"
      lead={
        <>
          Already have an account?{' '}
          <Link to="/sign-in" search={search} className="font-medium text-ink underline underline-offset-2">
            Sign in
          </Link>
        </>
      }
    >
      <form className="grid gap-4" noValidate onSubmit={submit} aria-label="Create an account">
        <FormSummary message={failure?.summary} />
        <TextField
          label="Name"
          autoComplete="name"
          error={errors.name?.message ?? failure?.fields.name}
          {...form.register('name')}
        />
        <EmailField error={errors.email?.message ?? failure?.fields.email} {...form.register('email')} />
        <NewPasswordField
          label="Password"
          error={errors.password?.message ?? failure?.fields.password}
          {...form.register('password')}
        />
        <Button type="submit" tone="primary" busy={register.isPending}>
          Create account
        </Button>
      </form>
    </IdentityLayout>
  );
}
