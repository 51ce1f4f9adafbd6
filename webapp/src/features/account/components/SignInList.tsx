import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { MonitorSmartphone } from 'lucide-react';
import { Suspense, useState } from 'react';
import { Button } from '@/design/Button';
import { LoadFailure } from '@/design/LoadFailure';
import { MorePages } from '@/design/MorePages';
import { Section } from '@/design/Page';
import { StatusChip } from '@/design/StatusChip';
import { Skeleton } from '@/design/states';
import { lazyPart } from '@/lib/lazy-part';
import { useItems } from '@/lib/pages';
import { formatAge, formatDay, secondsSince } from '@/lib/time';
import type { SignIn } from '@/types/domain';
import { endSignInMutation, signInsQuery } from '../api';

const ConfirmDialog = lazyPart(() => import('@/design/ConfirmDialog'));

function Row({ signIn, onEnd }: { signIn: SignIn; onEnd: () => void }) {
  return (
    <li className="flex items-start gap-3 border-b p-3 last:border-b-0">
      <MonitorSmartphone aria-hidden size={16} className="mt-0.5 shrink-0 text-ink-3" />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          {signIn.agent}
          {signIn.current && <StatusChip tone="ok" label="This session" />}
        </p>
        <p className="text-xs text-ink-2">
          from {signIn.address || 'an unknown address'} · last used{' '}
          {formatAge(secondsSince(signIn.last_used_at))}
        </p>
        <p className="text-xs text-ink-3">
          signed in {formatDay(signIn.created_at)} · expires {formatDay(signIn.expires_at)}
        </p>
      </div>
      {!signIn.current && (
        <Button size="sm" aria-label={`End session ${signIn.agent} from ${signIn.address}`} onClick={onEnd}>
          End
        </Button>
      )}
    </li>
  );
}

/** Where the account is signed in. The session that asks is ended by signing out. */
export function SignInList() {
  const signIns = useInfiniteQuery(signInsQuery);
  const end = useMutation(endSignInMutation);
  const [ending, setEnding] = useState<SignIn | null>(null);
  const items = useItems(signIns);
  const close = () => {
    end.reset();
    setEnding(null);
  };
  return (
    <Section title="Sessions" flush>
      <LoadFailure className="m-3" query={signIns} name="Your sessions" />
      {signIns.isPending && <Skeleton className="m-3 h-14" />}
      {items && (
        <ul aria-label="Sessions">
          {items.map((signIn) => (
            <Row key={signIn.id} signIn={signIn} onEnd={() => setEnding(signIn)} />
          ))}
        </ul>
      )}
      <MorePages list={signIns} label="Show older sessions" />
      {ending && (
        <Suspense>
          <ConfirmDialog
            title={`End the session of ${ending.agent}?`}
            description={
              <p className="text-ink-2">
                The device at {ending.address} is signed out. Its current access token stays valid for up to
                15 minutes.
              </p>
            }
            action="End session"
            danger
            busy={end.isPending}
            error={end.error}
            onConfirm={() => end.mutate(ending.id, { onSuccess: close })}
            onClose={close}
          />
        </Suspense>
      )}
    </Section>
  );
}
