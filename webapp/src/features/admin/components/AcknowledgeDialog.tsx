import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Risk } from '@/types/domain';
import { acknowledgeMutation } from '../api';
import { RISK_LABELS } from '../model';
import DecisionDialog from './DecisionDialog';

interface AcknowledgeDialogProps {
  /** As the list has them now: one that changed meanwhile is sent with its present version. */
  risks: readonly Risk[];
  onDone: () => void;
  onClose: () => void;
}

const named = (risks: readonly Risk[]) => (risks.length === 1 ? 'risk' : `${risks.length} risks`);

/** Acknowledges risks one after the other; those that succeeded are not sent again. */
export default function AcknowledgeDialog({ risks, onDone, onClose }: AcknowledgeDialogProps) {
  const acknowledge = useMutation(acknowledgeMutation);
  const [taken, setTaken] = useState<ReadonlySet<string>>(new Set());
  const left = risks.filter(({ id }) => !taken.has(id));
  const send = async (note: string) => {
    try {
      for (const risk of left) {
        await acknowledge.mutateAsync({ risk, note });
        setTaken((before) => new Set([...before, risk.id]));
      }
      onDone();
    } catch {
      // The mutation holds the failure, and the dialog shows it.
    }
  };
  return (
    <DecisionDialog
      title={`Acknowledge ${named(left)}?`}
      happens={
        <>
          <ul className="list-disc pl-4">
            {left.map((risk) => (
              <li key={risk.id} className="break-words">
                {RISK_LABELS[risk.kind]}: {risk.detail}
              </li>
            ))}
          </ul>
          <p>Marks the {named(left)} as yours. A risk reopens if it gets worse.</p>
        </>
      }
      action={`Acknowledge ${named(left)}`}
      reasonLabel="Note"
      needsReason={false}
      busy={acknowledge.isPending}
      error={acknowledge.error}
      onDecide={(note) => void send(note)}
      onClose={onClose}
    />
  );
}
