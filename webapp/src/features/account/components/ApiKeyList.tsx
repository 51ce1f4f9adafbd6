import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { KeySquare, Plus } from 'lucide-react';
import { Suspense, useState } from 'react';
import { Button } from '@/design/Button';
import { CopyField } from '@/design/CopyField';
import { LoadFailure } from '@/design/LoadFailure';
import { MorePages } from '@/design/MorePages';
import { Section } from '@/design/Page';
import { EmptyState, Notice, Skeleton } from '@/design/states';
import { lazyPage, lazyPart } from '@/lib/lazy-part';
import { formatMicros } from '@/lib/money';
import { useItems } from '@/lib/pages';
import { formatAge, formatDay, secondsSince } from '@/lib/time';
import type { ApiKey, NewApiKey } from '@/types/domain';
import { apiKeysQuery, revokeApiKeyMutation } from '../api';

// With the form comes a form library, which few visits need.
const ApiKeyForm = lazyPage(() => import('./ApiKeyForm'), 'ApiKeyForm');
const ConfirmDialog = lazyPart(() => import('@/design/ConfirmDialog'));

const spendText = (key: ApiKey): string =>
  key.spend_cap_micros == null
    ? `${formatMicros(key.committed_micros)} committed, no cap`
    : `${formatMicros(key.committed_micros)} of ${formatMicros(key.spend_cap_micros)} committed`;

function Row({ apiKey, onRevoke }: { apiKey: ApiKey; onRevoke: () => void }) {
  return (
    <li className="flex items-start gap-3 border-b p-3 last:border-b-0">
      <KeySquare aria-hidden size={16} className="mt-0.5 shrink-0 text-ink-3" />
      <div className="min-w-0 flex-1">
        <p className="font-medium break-words">{apiKey.name}</p>
        <p className="font-mono text-xs break-all text-ink-2">
          {apiKey.prefix}… · {apiKey.scopes.join(', ')}
        </p>
        <p className="text-xs text-ink-3">
          {apiKey.expires_at ? `expires ${formatDay(apiKey.expires_at)}` : 'does not expire'} ·{' '}
          {apiKey.last_used_at ? `last used ${formatAge(secondsSince(apiKey.last_used_at))}` : 'never used'} ·{' '}
          {spendText(apiKey)}
        </p>
      </div>
      <Button size="sm" tone="danger" aria-label={`Revoke key ${apiKey.name}`} onClick={onRevoke}>
        Revoke
      </Button>
    </li>
  );
}

/** The one time that the key itself is shown: the server keeps only its hash. */
function Made({ made, onClose }: { made: NewApiKey; onClose: () => void }) {
  return (
    <div className="grid gap-3 border-b bg-canvas p-3">
      <div role="status">
        <Notice tone="ok">{made.name} was created. Copy it now: it is not shown again.</Notice>
      </div>
      <CopyField label="API key" value={made.key} wrap />
      <div>
        <Button onClick={onClose}>Done</Button>
      </div>
    </div>
  );
}

export function ApiKeyList() {
  const keys = useInfiniteQuery(apiKeysQuery);
  const revoke = useMutation(revokeApiKeyMutation);
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<NewApiKey | null>(null);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const items = useItems(keys);
  const close = () => {
    revoke.reset();
    setRevoking(null);
  };
  return (
    <Section
      title="API keys"
      flush
      aside={
        !adding &&
        !made && (
          <Button
            size="sm"
            onPointerEnter={() => void ApiKeyForm.preload()}
            onFocus={() => void ApiKeyForm.preload()}
            onClick={() => setAdding(true)}
          >
            <Plus aria-hidden size={12} />
            Create API key
          </Button>
        )
      }
    >
      {made && <Made made={made} onClose={() => setMade(null)} />}
      {adding && (
        <div className="border-b bg-canvas p-3">
          <Suspense fallback={<Skeleton className="h-64 w-full" />}>
            <ApiKeyForm
              onMade={(key) => {
                setAdding(false);
                setMade(key);
              }}
              onCancel={() => setAdding(false)}
            />
          </Suspense>
        </div>
      )}
      <LoadFailure className="m-3" query={keys} name="Your API keys" />
      {keys.isPending && <Skeleton className="m-3 h-14" />}
      {items?.length === 0 && !keys.hasNextPage && !adding && !made && (
        <EmptyState>No API keys yet. An API key gives a program the permissions that you select.</EmptyState>
      )}
      {items && items.length > 0 && (
        <ul aria-label="API keys">
          {items.map((key) => (
            <Row key={key.id} apiKey={key} onRevoke={() => setRevoking(key)} />
          ))}
        </ul>
      )}
      <MorePages list={keys} label="Show older keys" />
      {revoking && (
        <Suspense>
          <ConfirmDialog
            title={`Revoke ${revoking.name}?`}
            description={
              <p className="text-ink-2">
                Requests with this key are refused immediately. Resources ordered with it keep running. This
                cannot be undone.
              </p>
            }
            action="Revoke key"
            danger
            busy={revoke.isPending}
            error={revoke.error}
            onConfirm={() => revoke.mutate(revoking.id, { onSuccess: close })}
            onClose={close}
          />
        </Suspense>
      )}
    </Section>
  );
}
