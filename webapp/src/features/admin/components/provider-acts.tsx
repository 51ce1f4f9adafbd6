import { useMutation } from '@tanstack/react-query';
import { type ReactNode, Suspense, useState } from 'react';
import { SelectField } from '@/design/Field';
import { lazyPart } from '@/lib/lazy-part';
import { serverNow } from '@/lib/time';
import { typedName } from '@/lib/weights';
import type { ProviderDetail, ProviderTier } from '@/types/domain';
import { changeProviderMutation } from '../api';
import { type ProviderDecision, providerDecisions } from '../decisions';
import { TIER_LABELS } from '../model';
import { TIERS } from '../search';
import type { Recorded } from './recorded';
import { SLACK_MS } from './recorded';

const DecisionDialog = lazyPart(() => import('./DecisionDialog'));

interface ProviderActs {
  decisions: ProviderDecision[];
  ask: (decision: ProviderDecision) => void;
  askTier: () => void;
  prefetch: () => void;
  dialog: ReactNode;
}

/** Acts on a provider with their questions. The dialog always decides on the provider as the page has it now. */
export function useProviderActs(provider: ProviderDetail, onRecorded: (of: Recorded) => void): ProviderActs {
  const change = useMutation(changeProviderMutation);
  const [question, setQuestion] = useState<ProviderDecision | 'tier' | null>(null);
  const [tier, setTier] = useState<ProviderTier>(provider.tier);
  const close = () => {
    setQuestion(null);
    change.reset();
  };
  const decide = (body: ProviderDecision['body'], reason: string) => {
    const sinceMs = serverNow() - SLACK_MS;
    change.mutate(
      { provider, change: { ...body, ...(reason ? { reason } : {}) } },
      {
        onSuccess: ({ id }) => {
          onRecorded({ resourceId: id, sinceMs });
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
          happens="The tier says how far the platform has looked into who this is. Renters see it with every machine."
          action="Change the tier"
          needsReason={false}
          disabled={tier === provider.tier}
          onDecide={(reason) => decide({ tier }, reason)}
        >
          <SelectField
            label="Tier"
            value={tier}
            onChange={(event) => setTier(event.target.value as ProviderTier)}
          >
            {TIERS.map((value) => (
              <option key={value} value={value}>
                {TIER_LABELS[value]}
              </option>
            ))}
          </SelectField>
        </DecisionDialog>
      ) : (
        <DecisionDialog
          {...shared}
          title={question.title}
          happens={question.happens}
          action={question.action}
          danger={question.danger === true}
          typeToConfirm={typedName(question.loses, provider.display_name)}
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
