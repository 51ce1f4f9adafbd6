import { useMutation } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Notice } from '@/design/states';
import { useSession } from '@/lib/hooks';
import { asProblem } from '@/lib/problem';
import { signInMutation } from '../api-forms';
import { CredentialsForm } from '../components/CredentialsForm';
import { FormSummary } from '../components/FormSummary';
import { GoogleLink } from '../components/GoogleLink';
import { IdentityLayout } from '../components/IdentityLayout';
import { explainEnd, explainFailure, explainGoogle } from '../model';
import { HOME } from '../paths';

const route = getRouteApi('/sign-in');

export function SignInPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const session = useSession();
  const signIn = useMutation(signInMutation);
  const failure = signIn.error && explainFailure(asProblem(signIn.error));
  const ended = session.status === 'signed-out' && session.reason === 'ended';
  return (
    <IdentityLayout
      title="Sign in"
      lead={
        <>
          New here?{' '}
          <Link
            to="/register"
            search={search.return ? { return: search.return } : {}}
            className="font-medium text-ink underline underline-offset-2"
          >
            Create an account
          </Link>
        </>
      }
    >
      <CredentialsForm
        action="Sign in"
        failure={failure}
        busy={signIn.isPending}
        notice={
          !failure && (
            <>
              {ended && (
                <Notice tone={session.why === 'reused' ? 'warn' : 'wait'}>{explainEnd(session.why)}</Notice>
              )}
              {search.problem && <FormSummary message={explainGoogle(search.problem)} />}
            </>
          )
        }
        onSubmit={(values) =>
          signIn.mutate(values, {
            onSuccess: () => void navigate({ href: search.return ?? HOME, replace: true }),
          })
        }
      >
        <GoogleLink />
        <p className="text-xs text-ink-2">
          <Link to="/forgot-password" className="underline underline-offset-2">
            Forgot your password?
          </Link>
        </p>
      </CredentialsForm>
    </IdentityLayout>
  );
}
