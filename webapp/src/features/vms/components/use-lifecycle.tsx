import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ArrowRight } from 'lucide-react';
import { type ReactNode, Suspense, useState } from 'react';
import { buttonClass } from '@/design/Button';
import { ErrorNote } from '@/design/states';
import { confirmationFor, typedName } from '@/lib/confirmation';
import { useConnection, usePollFast } from '@/lib/hooks';
import { lazyPart } from '@/lib/lazy-part';
import { formatRate } from '@/lib/money';
import { asProblem } from '@/lib/problem';
import { serverNow } from '@/lib/time';
import type { Vm, VmAction } from '@/types/domain';
import { ACTIONS } from '../actions';
import { lifecycleMutation } from '../api-lifecycle';

const ConfirmDialog = lazyPart(() => import('@/design/ConfirmDialog'));

/** What would take its place where a start is refused for want of room: a new VM of its size where there is some. */
function Elsewhere({ vm, error }: { vm: Vm; error: unknown }) {
  const { nearest } = asProblem(error);
  if (!nearest) return null;
  return (
    <Link
      to="/catalog"
      search={{
        host: nearest.hostId,
        template: vm.template_id,
        vcpus: nearest.vcpus,
        memory_mib: nearest.memoryMib,
        disk_gib: nearest.diskGib,
      }}
      className={buttonClass({ size: 'sm', className: 'justify-self-start' })}
    >
      <ArrowRight aria-hidden size={12} />
      Deploy this size on {nearest.hostName}, ≈{formatRate(nearest.rateNanosPerHour)}/hr
    </Link>
  );
}

interface Question {
  vm: Vm;
  action: VmAction;
}

export interface Lifecycle {
  /** Ask where the act needs a question, else do it. */
  request: (vm: Vm, action: VmAction) => void;
  /** Always ask: for acts that were not started by pressing their own button. */
  ask: (vm: Vm, action: VmAction) => void;
  pendingFor: (vm: Vm) => VmAction | undefined;
  prefetch: () => void;
  offline: boolean;
  /** The open question, or the failure of an act that needed none. Render it once. */
  dialog: ReactNode;
  failure: ReactNode;
}

/** Lifecycle acts with their questions. Nothing is claimed before the server has answered. */
export function useLifecycle(onClose?: () => void): Lifecycle {
  const mutation = useMutation(lifecycleMutation);
  const [question, setQuestion] = useState<Question | null>(null);
  const offline = useConnection() === 'offline';
  usePollFast(mutation.isPending);

  const close = () => {
    setQuestion(null);
    mutation.reset();
    onClose?.();
  };
  /** A refusal that names another way is shown on the page, where that way stands beside it. */
  const leaveForPage = (error: unknown) => {
    if (!asProblem(error).nearest) return;
    setQuestion(null);
    onClose?.();
  };
  const request = (vm: Vm, action: VmAction) => {
    mutation.reset();
    if (confirmationFor(ACTIONS[action].loss(vm)) !== 'none') setQuestion({ vm, action });
    else mutation.mutate({ vm, action });
  };
  const copy = question && ACTIONS[question.action];
  return {
    request,
    ask: (vm, action) => setQuestion({ vm, action }),
    pendingFor: (vm) =>
      mutation.isPending && mutation.variables.vm.id === vm.id ? mutation.variables.action : undefined,
    prefetch: () => void ConfirmDialog.preload(),
    offline,
    dialog: question && copy && (
      <Suspense>
        <ConfirmDialog
          title={`${copy.label(question.vm.name)}?`}
          description={<p className="text-ink-2">{copy.describe(question.vm, serverNow())}</p>}
          action={copy.label(question.vm.name)}
          danger={copy.danger === true}
          typeToConfirm={typedName(copy.loss(question.vm), question.vm.name)}
          busy={mutation.isPending}
          disabled={offline}
          error={mutation.error}
          onConfirm={() => mutation.mutate(question, { onSuccess: close, onError: leaveForPage })}
          onClose={close}
        />
      </Suspense>
    ),
    failure: !question && mutation.error && (
      <ErrorNote
        className="mb-3"
        what={`${mutation.variables ? ACTIONS[mutation.variables.action].label(mutation.variables.vm.name) : 'The request'} failed.`}
        error={mutation.error}
      >
        {mutation.variables && <Elsewhere vm={mutation.variables.vm} error={mutation.error} />}
      </ErrorNote>
    ),
  };
}
