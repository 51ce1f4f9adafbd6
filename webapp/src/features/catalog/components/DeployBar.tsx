import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { Suspense, useEffect, useRef, useState } from 'react';
import { Button } from '@/design/Button';
import { LoadFailure } from '@/design/LoadFailure';
import { EmptyState, Skeleton } from '@/design/states';
import { reliabilityText } from '@/features/hosts';
import { AddKeyForm, byLastUse, sshKeysQuery } from '@/features/settings';
import { serverNow } from '@/lib/time';
import type { Offer, VmTemplate } from '@/types/domain';
import {
  type Draft,
  draftFor,
  fittingTemplates,
  suggestName,
  templatesOn,
  type Wish,
  wishedDraft,
} from '../model';
import { DeployForm } from './DeployForm';

interface DeployBarProps {
  offer: Offer;
  /** All hosts, to name the next best when this one is taken. */
  offers: readonly Offer[];
  templates: readonly VmTemplate[];
  /** What it begins with; else the smallest of the first template that fits. */
  wish: Wish;
  onHost: (id: string) => void;
  onClose: () => void;
}

/** From a chosen host to an order: size, key, price, and one button. */
export default function DeployBar({ offer, offers, templates, wish, onHost, onClose }: DeployBarProps) {
  const keys = useQuery(sshKeysQuery);
  const [adding, setAdding] = useState(false);
  const [keyId, setKeyId] = useState<string>();
  // Kept here: what was typed outlives a host that is taken, and the change to another.
  const [draft, setDraft] = useState<Draft>();
  const heading = useRef<HTMLHeadingElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another host is another heading
  useEffect(() => heading.current?.focus({ preventScroll: true }), [offer.id]);

  const sorted = keys.data && byLastUse(keys.data.items);
  const usable = templatesOn(offer, templates);
  const first = usable.find(({ id }) => id === wish.template) ?? fittingTemplates(offer, templates)[0];
  if (!draft && first) setDraft(wishedDraft(draftFor(first, suggestName(first.image)), wish));
  const needsKey = sorted?.length === 0;
  return (
    <section
      aria-label={`Deploy on ${offer.name}`}
      className="appear sticky bottom-0 z-30 mt-4 max-h-[85dvh] overflow-auto rounded-lg border border-ink bg-raised shadow-pop max-md:-mx-4 max-md:rounded-b-none sm:bottom-3"
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <div className="flex items-start justify-between gap-3 border-b px-3 py-2">
        <div className="min-w-0">
          <h2 ref={heading} tabIndex={-1} className="text-base font-semibold outline-none">
            Deploy a VM on {offer.name}
          </h2>
          <p className="text-xs text-ink-2">
            {offer.region} · {offer.cpu_model} · {reliabilityText(offer, serverNow())}
          </p>
        </div>
        <Button tone="ghost" size="icon" aria-label="Close the deploy bar" onClick={onClose}>
          <X aria-hidden size={16} />
        </Button>
      </div>
      <LoadFailure className="m-3" query={keys} name="Your SSH keys" />
      {(needsKey || adding) && (
        <div className="border-b bg-canvas p-3">
          <p className="mb-2 font-medium">
            {needsKey ? 'Add an SSH key to access the VM' : 'Add an SSH key'}
          </p>
          <Suspense fallback={<Skeleton className="h-32" />}>
            <AddKeyForm
              onAdded={(key) => {
                setKeyId(key.id);
                setAdding(false);
              }}
              onCancel={needsKey ? undefined : () => setAdding(false)}
            />
          </Suspense>
        </div>
      )}
      {!draft || usable.length === 0 ? (
        <EmptyState>This host has too little free capacity for any template.</EmptyState>
      ) : (
        <DeployForm
          key={offer.id}
          offer={offer}
          offers={offers}
          templates={usable}
          draft={draft}
          onDraft={setDraft}
          onTake={({ hostId, size }) => {
            setDraft(wishedDraft(draft, size));
            onHost(hostId);
          }}
          keys={sorted ?? []}
          keyId={keyId ?? sorted?.[0]?.id ?? ''}
          onKey={setKeyId}
          onAddKey={() => setAdding(true)}
        />
      )}
    </section>
  );
}
