import { useMutation } from '@tanstack/react-query';
import { type ReactNode, Suspense, useState } from 'react';
import { typedName } from '@/lib/confirmation';
import { lazyPart } from '@/lib/lazy-part';
import type { ProviderDetail, ProviderTier } from '@/types/domain';
import { changeProviderMutation } from '../api';
import { type ProviderDecision, providerDecisions } from '../decisions';
import { type TakenAction, takenNow } from './AuditLog';
import { TierField } from './TierField';

const DecisionDialog = lazyPart(() => import('./DecisionDialog'));

interface ProviderActions {
  decisions: ProviderDecision[];
  ask: (decision: ProviderDecision) => void;
  askTier: () => void;
  prefetch: () => void;
  dialog: ReactNode;
}

/** Actions on a provider with their dialogs, each on the provider as the page has it now. */
export function useProviderActions(
  provider: ProviderDetail,
  onTaken: (action: TakenAction) => void,
): ProviderActions {
  const change = useMutation(changeProviderMutation);
  const [question, setQuestion] = useState<ProviderDecision | 'tier' | null>(null);
  const [tier, setTier] = useState<ProviderTier>(provider.tier);
  const close = () => {
    setQuestion(null);
    change.reset();
  };
  const decide = (body: ProviderDecision['body'], reason: string) => {
    const taken = takenNow(provider.id);
    change.mutate(
      { provider, change: { ...body, ...(reason ? { reason } : {}) } },
      {
        onSuccess: () => {
          onTaken(taken);
          close();
        },
      },
    );
  };
  const shared = { busy: change.isPending, error: change.error, onClose: close };
  const name = provider.display_name;
  const dialog = question && (
    <Suspense>
      {question === 'tier' ? (
        <DecisionDialog
          {...shared}
          title={`Change the tier of ${name}`}
          happens="The tier shows how thoroughly the provider was verified. Renters see it on every machine."
          action="Change tier"
          needsReason={false}
          disabled={tier === provider.tier}
          onDecide={(reason) => decide({ tier }, reason)}
        >
          <TierField value={tier} onChange={setTier} />
        </DecisionDialog>
      ) : (
        <DecisionDialog
          {...shared}
          title={question.title}
          happens={question.happens}
          action={question.action}
          danger={question.danger === true}
          typeToConfirm={typedName(question.loss, provider.display_name)}
          onDecide={(reason) => decide(question.body, reason)}
        />
      )}
    </Suspense>
  );
  return {
    decisions: providerDecisions(provider),
    ask: setQuestion,
    askTier: () => {
      setTier(provider.tier);
      setQuestion('tier');
    },
    prefetch: () => void DecisionDialog.preload(),
    dialog,
  };
}
