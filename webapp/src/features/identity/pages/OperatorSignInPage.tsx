import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Notice } from '@/design/states';
import { useSession } from '@/lib/hooks';
import { asProblem } from '@/lib/problem';
import { signInOperatorMutation } from '../api-forms';
import { CredentialsForm } from '../components/CredentialsForm';
import { IdentityLayout } from '../components/IdentityLayout';
import { explainFailure } from '../model';
import { OPERATOR_HOME } from '../paths';

/** Direct access for operators: only their accounts get in here, and every attempt is logged. */
export function OperatorSignInPage() {
  const navigate = useNavigate();
  const session = useSession();
  const signIn = useMutation(signInOperatorMutation);
  const failure = signIn.error && explainFailure(asProblem(signIn.error));
  return (
    <IdentityLayout
      title="Operator sign-in"
      lead={
        <>
          For operators of this marketplace. Every attempt is logged.{' '}
          <Link to="/sign-in" className="font-medium text-ink underline underline-offset-2">
            Sign in as a user instead
          </Link>
        </>
      }
    >
      <CredentialsForm
        action="Sign in as operator"
        failure={
          failure?.summary && asProblem(signIn.error).code === 'wrong_credentials'
            ? { ...failure, summary: 'This email and password do not match an operator’s account.' }
            : failure
        }
        busy={signIn.isPending}
        notice={
          session.status === 'signed-in' &&
          !failure && (
            <Notice tone="wait">
              You are signed in as {session.user.email} with the role {session.user.role}. Signing in here
              replaces that session.
            </Notice>
          )
        }
        onSubmit={(values) =>
          signIn.mutate(values, {
            onSuccess: () => void navigate({ to: OPERATOR_HOME, replace: true }),
          })
        }
      />
    </IdentityLayout>
  );
}
