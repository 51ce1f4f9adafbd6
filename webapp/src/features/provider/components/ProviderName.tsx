import { useMutation, useQuery } from '@tanstack/react-query';
import { Pencil } from 'lucide-react';
import { Suspense, useState } from 'react';
import { Button } from '@/design/Button';
import { StatusChip } from '@/design/StatusChip';
import { lazyPart } from '@/lib/lazy-part';
import { readable } from '@/lib/words';
import type { Provider } from '@/types/domain';
import { profileQuery, renameProviderMutation } from '../api';

const NameDialog = lazyPart(() => import('./NameDialog'));

function Tier({ profile }: { profile: Provider }) {
  if (profile.state === 'banned') {
    return (
      <>
        <StatusChip tone="bad" label="Banned" />
        {profile.state_reason && <span>{profile.state_reason}</span>}
      </>
    );
  }
  if (profile.draining) {
    return (
      <>
        <StatusChip tone="wait" label="Draining" />
        <span>An operator has stopped new workloads on all your machines.</span>
      </>
    );
  }
  // A user becomes a provider with the first machine or a name: before that there is nothing to show.
  return profile.version > 0 ? <span className="text-ink-3">{readable(profile.tier)} tier</span> : null;
}

/** Under which name one provides, and what the platform thinks of it. */
export function ProviderName() {
  const { data: profile } = useQuery(profileQuery);
  const rename = useMutation(renameProviderMutation);
  const [editing, setEditing] = useState(false);
  if (!profile) return <>Machines you share, and what they earn.</>;
  return (
    <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <span>
        as <b className="font-medium text-ink">{profile.display_name}</b>
      </span>
      {profile.state === 'active' && (
        <Button tone="ghost" size="icon" aria-label="Change provider name" onClick={() => setEditing(true)}>
          <Pencil aria-hidden size={12} />
        </Button>
      )}
      <Tier profile={profile} />
      {editing && (
        <Suspense>
          <NameDialog
            name={profile.display_name}
            busy={rename.isPending}
            error={rename.error}
            onSave={(displayName) =>
              rename.mutate({ displayName, version: profile.version }, { onSuccess: () => setEditing(false) })
            }
            onClose={() => {
              rename.reset();
              setEditing(false);
            }}
          />
        </Suspense>
      )}
    </span>
  );
}
