import { Facts, Section } from '@/design/Page';
import { useSession } from '@/lib/hooks';
import { formatDay } from '@/lib/time';

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
    </Section>
  );
}
