import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, buttonClass } from '@/design/Button';
import { Notice } from '@/design/states';
import { asProblem } from '@/lib/problem';
import { confirmEmailMutation } from '../api-forms';
import { FormSummary } from '../components/FormSummary';
import { IdentityLayout } from '../components/IdentityLayout';
import { useEmailToken } from '../email-token';
import { explainFailure } from '../model';
import { HOME } from '../paths';

const goOn = (
  <Link to={HOME} className={buttonClass({ tone: 'primary' })}>
    Go to the catalog
  </Link>
);

/** A button and not the page's opening confirms: mail scanners open links, too. */
function Confirm({ token }: { token: string }) {
  const confirm = useMutation(confirmEmailMutation);
  if (confirm.isSuccess) {
    return (
      <div className="grid gap-4" role="status">
        <Notice tone="ok">{confirm.data.email} is confirmed.</Notice>
        {goOn}
      </div>
    );
  }
  return (
    <div className="grid gap-4">
      <FormSummary message={confirm.error ? explainFailure(asProblem(confirm.error)).summary : undefined} />
      <Button tone="primary" busy={confirm.isPending} onClick={() => confirm.mutate(token)}>
        Confirm email
      </Button>
    </div>
  );
}

export function ConfirmEmailPage() {
  const token = useEmailToken('/confirm-email');
  return (
    <IdentityLayout title="Confirm your email" lead="This proves that the address of the account is yours.">
      {token ? (
        <Confirm key={token} token={token} />
      ) : (
        <FormSummary message="The link is incomplete. Open the full link from the email." />
      )}
    </IdentityLayout>
  );
}
