import { useMutation } from '@tanstack/react-query';
import { Button } from '@/design/Button';
import { Facts, Section } from '@/design/Page';
import { ErrorNote, Notice } from '@/design/states';
import { useSession } from '@/lib/hooks';
import { formatDay } from '@/lib/time';
import { resendConfirmationMutation } from '../api';

/** What an address that is not confirmed lacks, and the way to it. */
function Unconfirmed() {
  const send = useMutation(resendConfirmationMutation);
  return (
    <div className="mt-3 grid gap-2">
      <Notice tone="wait">
        Your email address is not confirmed. Open the link in the email that was sent to you.
      </Notice>
      <div role="status" className="empty:-mt-2">
        {send.data && <Notice tone="ok">{send.data.detail}</Notice>}
      </div>
      {send.error && <ErrorNote what="The email was not sent." error={send.error} />}
      <Button className="justify-self-start" busy={send.isPending} onClick={() => send.mutate()}>
        Resend email
      </Button>
    </div>
  );
}

/** Who is signed in, as the server said last. */
export function Profile() {
  const session = useSession();
  if (session.status !== 'signed-in') return null;
  const { user } = session;
  return (
    <Section title="Profile">
      <Facts
        className="sm:grid-cols-2"
        items={[
          ['Name', user.name],
          ['Email', user.email],
          ['Role', user.role],
          ['Member since', formatDay(user.created_at)],
          [
            'User id',
            <code key="id" className="font-mono text-xs break-all">
              {user.id}
            </code>,
          ],
        ]}
      />
      {!user.email_proven_at && <Unconfirmed />}
    </Section>
  );
}
