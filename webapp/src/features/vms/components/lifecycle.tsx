import { useMutation } from '@tanstack/react-query';
import { type ReactNode, Suspense, useState } from 'react';
import { ErrorNote } from '@/design/states';
import { useConnection, useHurry } from '@/lib/hooks';
import { lazyPart } from '@/lib/lazy-part';
import { serverNow } from '@/lib/time';
import { typedName, weightOf } from '@/lib/weights';
import type { Vm, VmAction } from '@/types/domain';
import { ACTIONS } from '../actions';
import { lifecycleMutation } from '../api';

const ConfirmDialog = lazyPart(() => import('@/design/ConfirmDialog'));

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
  useHurry(mutation.isPending);

  const close = () => {
    setQuestion(null);
    mutation.reset();
    onClose?.();
  };
  const request = (vm: Vm, action: VmAction) => {
    mutation.reset();
    if (weightOf(ACTIONS[action].loses(vm)) !== 'at-once') setQuestion({ vm, action });
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
          title={`${copy.names(question.vm.name)}?`}
          description={<p className="text-ink-2">{copy.tells(question.vm, serverNow())}</p>}
          action={copy.names(question.vm.name)}
          danger={copy.danger === true}
          typeToConfirm={typedName(copy.loses(question.vm), question.vm.name)}
          busy={mutation.isPending}
          disabled={offline}
          error={mutation.error}
          onConfirm={() => mutation.mutate(question, { onSuccess: close })}
          onClose={close}
        />
      </Suspense>
    ),
    failure: !question && mutation.error && (
      <ErrorNote
        className="mb-3"
        what={`${mutation.variables ? ACTIONS[mutation.variables.action].names(mutation.variables.vm.name) : 'This'} did not work.`}
        error={mutation.error}
      />
    ),
  };
}
