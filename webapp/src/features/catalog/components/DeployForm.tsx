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
import type { Offer, QuoteRequest, SshKey, VmTemplate } from '@/types/domain';
import { deployMutation } from '../api';
import {
  boundsOf,
  constraintText,
  type Draft,
  draftFor,
  readDraft,
  refusalText,
  refusedFields,
  suggestName,
} from '../model';
import { DeployFields } from './DeployFields';
import { QuoteFigures } from './QuoteFigures';
import { useQuote } from './use-quote';

interface DeployFormProps {
  offer: Offer;
  /** At least one: those that fit what is free. */
  templates: readonly VmTemplate[];
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

function Refusal({ error, fields }: { error: unknown; fields: Record<string, string> }) {
  const problem = asProblem(error);
  return (
    <ErrorNote className="mx-3 mb-3" what={refusalText(problem)} error={problem}>
      {problem.constraints.length > 0 && (
        <ul aria-label="Why" className="list-disc pl-4">
          {problem.constraints.map((constraint) => (
            <li key={constraint.name}>{constraintText(constraint)}</li>
          ))}
        </ul>
      )}
      {Object.entries(fields).map(([field, message]) => (
        <p key={field}>{message}</p>
      ))}
    </ErrorNote>
  );
}

/** Which of the server's field messages no field of this form shows. */
const SHOWN = new Set(['name', 'template_id', 'vcpus', 'memory_mib', 'disk_gib', 'ssh_key_ids']);
const unshown = (fields: Record<string, string>) =>
  Object.fromEntries(Object.entries(fields).filter(([field]) => !SHOWN.has(field)));

export function DeployForm({ offer, templates, keys, keyId, onKey, onAddKey }: DeployFormProps) {
  const [draft, setDraft] = useState<Draft>(() => {
    const first = templates[0] as VmTemplate;
    return draftFor(first, suggestName(first.image));
  });
  const [orderKeys] = useState(createOrderKeys);
  const navigate = useNavigate();
  const client = useQueryClient();
  const deploy = useMutation(deployMutation);
  const offline = useConnection() === 'offline';

  const template = templates.find(({ id }) => id === draft.templateId) ?? (templates[0] as VmTemplate);
  const { size, errors } = readDraft(draft, boundsOf(offer, template));
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
          if (asProblem(error).code === 'quote_expired') quote.renew();
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
        onDraft={setDraft}
        templates={templates}
        bounds={boundsOf(offer, template)}
        errors={{ ...refused, ...errors }}
        keys={keys}
        keyId={keyId}
        onKey={onKey}
        onAddKey={onAddKey}
      />
      {deploy.error != null && <Refusal error={deploy.error} fields={unshown(refused)} />}
      {quote.error != null && <Refusal error={quote.error} fields={{}} />}
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
