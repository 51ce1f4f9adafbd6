import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Rocket } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '@/design/Button';
import { ErrorNote } from '@/design/states';
import { adoptVm } from '@/features/vms';
import { useConnection } from '@/lib/hooks';
import { createOrderKeys } from '@/lib/idempotency';
import { asProblem } from '@/lib/problem';
import { serverNow } from '@/lib/time';
import type { Offer, QuoteRequest, SshKey, VmTemplate } from '@/types/domain';
import { deployMutation } from '../api-order';
import {
  type Alternative,
  alternativeOf,
  boundsOf,
  constraintText,
  type Draft,
  isTaken,
  nextBest,
  readDraft,
  refusalText,
  refusedFields,
  type Size,
  typedSize,
} from '../model';
import { AlternativeButton } from './AlternativeButton';
import { DeployFields } from './DeployFields';
import { OfferFacts } from './OfferFacts';
import { QuoteFigures } from './QuoteFigures';
import { useQuote } from './use-quote';

interface DeployFormProps {
  offer: Offer;
  offers: readonly Offer[];
  /** At least one: those whose image the host has. */
  templates: readonly VmTemplate[];
  draft: Draft;
  onDraft: (draft: Draft) => void;
  onTake: (alternative: Alternative) => void;
  keys: readonly SshKey[];
  keyId: string;
  onKey: (id: string) => void;
  onAddKey: () => void;
}

const isMac = () => /Mac|iP(hone|ad)/.test(navigator.platform);

/** ⌘↵ or Ctrl+↵ anywhere on the page while the bar is open. */
function useSubmitKey(submit: () => void): void {
  const latest = useRef(submit);
  latest.current = submit;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      latest.current();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

interface RefusalProps {
  error: unknown;
  fields: Record<string, string>;
  size: Size | undefined;
  onTake: (alternative: Alternative) => void;
}

function Refusal({ error, fields, size, onTake }: RefusalProps) {
  const problem = asProblem(error);
  const alternative = alternativeOf(problem);
  return (
    <ErrorNote className="mx-3 mb-3" what={refusalText(problem)} error={problem}>
      {problem.constraints.length > 0 && (
        <ul aria-label="Why" className="list-disc pl-4">
          {problem.constraints.map((constraint) => (
            <li key={constraint.name}>{constraintText(constraint)}</li>
          ))}
        </ul>
      )}
      {alternative && <AlternativeButton alternative={alternative} size={size} onTake={onTake} />}
      {Object.entries(fields).map(([field, message]) => (
        <p key={field}>{message}</p>
      ))}
    </ErrorNote>
  );
}

interface TakenProps {
  offer: Offer;
  size: Size;
  alternative: Alternative | undefined;
  onTake: (alternative: Alternative) => void;
}

/** Somebody was faster while the form was open. */
function Taken({ offer, size, alternative, onTake }: TakenProps) {
  const { free, sellable, name } = offer;
  const [left, all, unit] =
    free.vcpus < size.vcpus
      ? [free.vcpus, sellable.vcpus, 'vCPU']
      : free.memory_mib < size.memory_mib
        ? [free.memory_mib, sellable.memory_mib, 'MiB of memory']
        : [free.disk_gib, sellable.disk_gib, 'GiB of disk'];
  return (
    <div role="alert" className="mx-3 mb-3 grid gap-2 rounded-md bg-warn-bg p-3 text-warn">
      <p>
        <b className="font-medium">No longer available.</b> {left} of {all} {unit} free on {name}.
        {!alternative && ' No other host has enough free capacity for this VM.'}
      </p>
      {alternative && <AlternativeButton alternative={alternative} size={size} onTake={onTake} />}
    </div>
  );
}

/** The most that has been free since the form was opened. */
function useSeenFree(free: Size): Size {
  const seen = useRef<Size>(free);
  seen.current = {
    vcpus: Math.max(seen.current.vcpus, free.vcpus),
    memory_mib: Math.max(seen.current.memory_mib, free.memory_mib),
    disk_gib: Math.max(seen.current.disk_gib, free.disk_gib),
  };
  return seen.current;
}

/** Which of the server's field messages no field of this form shows. */
const SHOWN = new Set(['name', 'template_id', 'vcpus', 'memory_mib', 'disk_gib', 'ssh_key_ids']);
const unshown = (fields: Record<string, string>) =>
  Object.fromEntries(Object.entries(fields).filter(([field]) => !SHOWN.has(field)));

export function DeployForm(props: DeployFormProps) {
  const { offer, offers, templates, draft, onDraft, onTake, keys, keyId, onKey, onAddKey } = props;
  const [orderKeys] = useState(createOrderKeys);
  const navigate = useNavigate();
  const client = useQueryClient();
  const deploy = useMutation(deployMutation);
  const offline = useConnection() === 'offline';

  const template = templates.find(({ id }) => id === draft.templateId) ?? (templates[0] as VmTemplate);
  const { size, errors } = readDraft(draft, boundsOf(offer, template));
  const asked = typedSize(draft);
  const seenFree = useSeenFree(offer.free);
  const request: QuoteRequest | null = size ? { template_id: template.id, ...size, host_id: offer.id } : null;
  const quote = useQuote(request);
  const ready = quote.valid && !errors.name && keyId !== '' && !offline;

  const submit = () => {
    if (!ready || deploy.isPending || !request || !quote.quote) return;
    const body = { ...request, name: draft.name, ssh_key_ids: [keyId], quote_id: quote.quote.id };
    deploy.mutate(
      { body, key: orderKeys.keyFor(body) },
      {
        onSuccess: (vm) => {
          orderKeys.settle();
          adoptVm(client, vm);
          void navigate({ to: '/vms/$vmId', params: { vmId: vm.id } });
        },
        onError: (error) => {
          orderKeys.settle(error);
          const { code } = asProblem(error);
          if (code === 'quote_expired') quote.renew();
          if (code === 'no_capacity') void client.invalidateQueries({ queryKey: ['catalog'] });
        },
      },
    );
  };
  useSubmitKey(submit);
  const refused = deploy.error ? refusedFields(asProblem(deploy.error)) : {};
  return (
    <form
      aria-label="Deploy a VM"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <DeployFields
        draft={draft}
        onDraft={onDraft}
        templates={templates}
        bounds={boundsOf(offer, template)}
        errors={{ ...refused, ...errors }}
        keys={keys}
        keyId={keyId}
        onKey={onKey}
        onAddKey={onAddKey}
      />
      {deploy.error != null && (
        <Refusal error={deploy.error} fields={unshown(refused)} size={asked} onTake={onTake} />
      )}
      {deploy.error == null && quote.error != null && (
        <Refusal error={quote.error} fields={{}} size={asked} onTake={onTake} />
      )}
      {deploy.error == null && quote.error == null && asked && isTaken(asked, offer.free, seenFree) && (
        <Taken
          offer={offer}
          size={asked}
          alternative={nextBest(offers, template, asked, serverNow())}
          onTake={onTake}
        />
      )}
      <OfferFacts offer={offer} />
      <div className="sticky bottom-0 flex flex-wrap items-center gap-x-6 gap-y-2 border-t bg-raised p-3">
        <QuoteFigures state={quote} asked={request !== null} />
        <Button
          type="submit"
          tone="primary"
          className="ml-auto max-sm:w-full"
          busy={deploy.isPending}
          disabled={!ready}
        >
          {!deploy.isPending && <Rocket aria-hidden size={14} />}
          {deploy.isPending ? 'Deploying…' : 'Deploy'}
          <kbd aria-hidden className="ml-1 font-mono text-2xs max-sm:hidden">
            {isMac() ? '⌘↵' : 'Ctrl ↵'}
          </kbd>
        </Button>
      </div>
    </form>
  );
}
