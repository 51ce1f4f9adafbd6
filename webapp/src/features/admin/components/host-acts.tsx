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
} from 'lucide-react';
import { type ReactNode, Suspense, useState } from 'react';
import type { MenuItem } from '@/design/Menu';
import { loadMaintenanceDialog } from '@/features/hosts';
import { useConnection } from '@/lib/hooks';
import { lazyPart } from '@/lib/lazy-part';
import { serverNow } from '@/lib/time';
import { typedName } from '@/lib/weights';
import type { Host, HostDecision } from '@/types/domain';
import { decideHostMutation } from '../api';
import { type HostChoice, hostChoices } from '../decisions';
import { type Recorded, SLACK_MS } from './recorded';

const DecisionDialog = lazyPart(() => import('./DecisionDialog'));
const MaintenanceDialog = lazyPart(loadMaintenanceDialog);

const ICONS: Record<string, LucideIcon> = {
  Drain: Pause,
  Resume: Play,
  Ban,
  'Lift ban': CircleCheck,
  'End maintenance': CalendarX,
};

interface HostActs {
  menu: (host: Host) => MenuItem[];
  dialog: ReactNode;
}

interface Question {
  hostId: string;
  choice: HostChoice | 'maintenance';
}

/** Acts on a provider's machines with their questions, each decided on the machine as the page has it now. */
export function useHostActs(
  hosts: readonly Host[],
  admin: boolean,
  onRecorded: (of: Recorded) => void,
): HostActs {
  const decide = useMutation(decideHostMutation);
  const [question, setQuestion] = useState<Question | null>(null);
  const offline = useConnection() === 'offline';
  const host = hosts.find(({ id }) => id === question?.hostId);
  const close = () => {
    setQuestion(null);
    decide.reset();
  };
  const send = (target: Host, decision: HostDecision) => {
    const sinceMs = serverNow() - SLACK_MS;
    decide.mutate(
      { host: target, decision },
      {
        onSuccess: () => {
          onRecorded({ resourceId: target.id, sinceMs });
          close();
        },
      },
    );
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
    const may = of.state !== 'retired' && of.state !== 'banned';
    return may ? [...choices.slice(0, 1), maintain, ...choices.slice(1)] : choices;
  };
  const shared = { busy: decide.isPending, error: decide.error, onClose: close };
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
          typeToConfirm={typedName(question.choice.loses, host.name)}
          onDecide={(reason) =>
            question.choice !== 'maintenance' && send(host, { ...question.choice.body, reason })
          }
        />
      )}
    </Suspense>
  );
  return { menu, dialog };
}
