import { useMutation } from '@tanstack/react-query';
import {
  Ban,
  CalendarClock,
  CalendarX,
  CircleCheck,
  type LucideIcon,
  Pause,
  Play,
  ShieldCheck,
  Unplug,
} from 'lucide-react';
import { type ReactNode, Suspense, useState } from 'react';
import type { MenuItem } from '@/design/Menu';
import { loadMaintenanceDialog } from '@/features/hosts';
import { typedName } from '@/lib/confirmation';
import { useConnection } from '@/lib/hooks';
import { lazyPart } from '@/lib/lazy-part';
import type { Host, HostDecision } from '@/types/domain';
import { decideHostMutation, declareHostLostMutation } from '../api';
import { type HostChoice, hostChoices, isOver } from '../decisions';
import { type TakenAction, takenNow } from './AuditLog';

const DecisionDialog = lazyPart(() => import('./DecisionDialog'));
const MaintenanceDialog = lazyPart(loadMaintenanceDialog);

const ICONS: Record<string, LucideIcon> = {
  Drain: Pause,
  Resume: Play,
  Ban,
  'Lift ban': CircleCheck,
  'End maintenance': CalendarX,
  'Declare lost': Unplug,
};

interface HostActions {
  menu: (host: Host) => MenuItem[];
  dialog: ReactNode;
}

interface Question {
  hostId: string;
  choice: HostChoice | 'maintenance';
}

/** Actions on a provider's machines with their dialogs, each on the machine as the page has it now. */
export function useHostActions(
  hosts: readonly Host[],
  admin: boolean,
  onTaken: (action: TakenAction) => void,
): HostActions {
  const decide = useMutation(decideHostMutation);
  const declareLost = useMutation(declareHostLostMutation);
  const [question, setQuestion] = useState<Question | null>(null);
  const offline = useConnection() === 'offline';
  const host = hosts.find(({ id }) => id === question?.hostId);
  const close = () => {
    setQuestion(null);
    decide.reset();
    declareLost.reset();
  };
  const whenDone = (target: Host) => {
    const taken = takenNow(target.id);
    return {
      onSuccess: () => {
        onTaken(taken);
        close();
      },
    };
  };
  const send = (target: Host, decision: HostDecision) =>
    decide.mutate({ host: target, decision }, whenDone(target));
  const sendChoice = (target: Host, { body }: HostChoice, reason: string) => {
    if (body === 'declare_lost') declareLost.mutate({ hostId: target.id, reason }, whenDone(target));
    else send(target, { ...body, reason });
  };
  const menu = (of: Host): MenuItem[] => {
    if (offline) return [];
    const choices = hostChoices(of, admin).map((choice) => ({
      label: `${choice.verb}…`,
      icon: ICONS[choice.verb] ?? ShieldCheck,
      danger: choice.danger === true,
      onSelect: () => setQuestion({ hostId: of.id, choice }),
    }));
    const maintain = {
      label: of.maintenance ? 'Change maintenance…' : 'Maintenance…',
      icon: CalendarClock,
      onSelect: () => setQuestion({ hostId: of.id, choice: 'maintenance' }),
    };
    const may = !isOver(of) && of.state !== 'banned';
    return may ? [...choices.slice(0, 1), maintain, ...choices.slice(1)] : choices;
  };
  const shared = {
    busy: decide.isPending || declareLost.isPending,
    error: decide.error ?? declareLost.error,
    onClose: close,
  };
  const dialog = question && host && (
    <Suspense>
      {question.choice === 'maintenance' ? (
        <MaintenanceDialog
          {...shared}
          host={host}
          disabled={offline}
          onSave={(maintenance) => send(host, { maintenance, reason: maintenance.reason ?? '' })}
        />
      ) : (
        <DecisionDialog
          {...shared}
          title={question.choice.title}
          happens={question.choice.happens}
          action={question.choice.action}
          danger={question.choice.danger === true}
          typeToConfirm={typedName(question.choice.loss, host.name)}
          onDecide={(reason) =>
            question.choice !== 'maintenance' && sendChoice(host, question.choice, reason)
          }
        />
      )}
    </Suspense>
  );
  return { menu, dialog };
}
