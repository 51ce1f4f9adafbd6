import { useMutation, useQuery } from '@tanstack/react-query';
import { KeyRound, Plus, Trash2 } from 'lucide-react';
import { Suspense, useState } from 'react';
import { Button } from '@/design/Button';
import { LoadFailure } from '@/design/LoadFailure';
import { Section } from '@/design/Page';
import { EmptyState, Skeleton } from '@/design/states';
import { lazyPart } from '@/lib/lazy-part';
import { formatAge, formatDay, secondsSince } from '@/lib/time';
import type { SshKey } from '@/types/domain';
import { sshKeysQuery } from '../api';
import { deleteSshKeyMutation } from '../api-changes';
import { byLastUse } from '../model';
import { AddKeyForm } from './LazyAddKeyForm';

const ConfirmDialog = lazyPart(() => import('@/design/ConfirmDialog'));

function KeyRow({ sshKey, onDelete }: { sshKey: SshKey; onDelete: () => void }) {
  return (
    <li className="flex items-start gap-3 border-b p-3 last:border-b-0">
      <KeyRound aria-hidden size={16} className="mt-0.5 shrink-0 text-ink-3" />
      <div className="min-w-0 flex-1">
        <p className="font-medium break-words">{sshKey.name}</p>
        <p className="font-mono text-xs break-all text-ink-2">{sshKey.fingerprint}</p>
        <p className="text-xs text-ink-3">
          {sshKey.type} · {sshKey.bits} bit · added {formatDay(sshKey.created_at)} ·{' '}
          {sshKey.last_used_at ? `used ${formatAge(secondsSince(sshKey.last_used_at))}` : 'never used'}
        </p>
      </div>
      <Button tone="ghost" size="icon" aria-label={`Delete key ${sshKey.name}`} onClick={onDelete}>
        <Trash2 aria-hidden size={14} />
      </Button>
    </li>
  );
}

export function KeyList() {
  const keys = useQuery(sshKeysQuery);
  const remove = useMutation(deleteSshKeyMutation);
  const [adding, setAdding] = useState(false);
  const [deleting, setDeleting] = useState<SshKey | null>(null);
  const items = keys.data && byLastUse(keys.data.items);
  return (
    <Section
      title="SSH keys"
      flush
      aside={
        !adding && (
          <Button
            size="sm"
            onPointerEnter={() => void AddKeyForm.preload()}
            onFocus={() => void AddKeyForm.preload()}
            onClick={() => setAdding(true)}
          >
            <Plus aria-hidden size={12} />
            Add SSH key
          </Button>
        )
      }
    >
      {adding && (
        <div className="border-b bg-canvas p-3">
          <Suspense fallback={<Skeleton className="h-40 w-full" />}>
            <AddKeyForm onAdded={() => setAdding(false)} onCancel={() => setAdding(false)} />
          </Suspense>
        </div>
      )}
      <LoadFailure className="m-3" query={keys} name="Your SSH keys" />
      {keys.isPending && <Skeleton className="m-3 h-14" />}
      {items?.length === 0 && !adding && (
        <EmptyState>No SSH keys yet. Add your public key to access the VMs that you deploy.</EmptyState>
      )}
      {items && items.length > 0 && (
        <ul aria-label="SSH keys">
          {items.map((key) => (
            <KeyRow key={key.id} sshKey={key} onDelete={() => setDeleting(key)} />
          ))}
        </ul>
      )}
      {deleting && (
        <Suspense>
          <ConfirmDialog
            title={`Delete ${deleting.name}?`}
            description={
              <>
                New VMs cannot use this key. Running VMs keep it.
                <span className="mt-1 block font-mono text-xs break-all text-ink-3">
                  {deleting.fingerprint}
                </span>
              </>
            }
            action="Delete key"
            danger
            busy={remove.isPending}
            error={remove.error}
            onConfirm={() => remove.mutate(deleting.id, { onSuccess: () => setDeleting(null) })}
            onClose={() => {
              remove.reset();
              setDeleting(null);
            }}
          />
        </Suspense>
      )}
    </Section>
  );
}
