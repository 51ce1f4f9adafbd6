import { type ReactNode, useState } from 'react';
import { ChangeFailure } from '@/design/ChangeFailure';
import Dialog from '@/design/Dialog';
import { DialogButtons } from '@/design/DialogButtons';
import { TextAreaField } from '@/design/Field';
import { isConfirmed, TypeToConfirm } from '@/design/TypeToConfirm';
import { useConnection } from '@/lib/hooks';
import { asProblem, messagesByField } from '@/lib/problem';

export interface DecisionDialogProps {
  title: string;
  /** What happens, and to whom. */
  happens: ReactNode;
  /** The verb and its object: "Ban Attic". */
  action: string;
  danger?: boolean;
  /** When set, the act waits until the reader has typed exactly this. */
  typeToConfirm?: string | undefined;
  reasonLabel?: string;
  needsReason?: boolean;
  children?: ReactNode;
  disabled?: boolean;
  busy: boolean;
  error: unknown;
  onDecide: (reason: string) => void;
  onClose: () => void;
}

/** Asks for the reason of an action that is recorded. Stays open with its input when the action fails. */
export default function DecisionDialog(props: DecisionDialogProps) {
  const { title, happens, action, typeToConfirm, needsReason = true, busy, error, onDecide, onClose } = props;
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const [missing, setMissing] = useState(false);
  const offline = useConnection() === 'offline';
  const ready = !props.disabled && !offline && isConfirmed(typeToConfirm, typed);
  const refused = error == null ? undefined : messagesByField(asProblem(error)).reason;
  return (
    <Dialog
      title={title}
      description={<div className="grid gap-1 text-ink-2">{happens}</div>}
      onClose={onClose}
    >
      <form
        className="grid gap-3"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const lacking = needsReason && !reason.trim();
          setMissing(lacking);
          if (!lacking && ready && !busy) onDecide(reason.trim());
        }}
      >
        {props.children}
        <TextAreaField
          label={props.reasonLabel ?? 'Reason'}
          hint="Recorded in the audit log with your name."
          maxLength={500}
          value={reason}
          error={missing ? 'Enter a reason.' : refused}
          onChange={(event) => {
            setMissing(false);
            setReason(event.target.value);
          }}
        />
        {typeToConfirm !== undefined && (
          <TypeToConfirm expected={typeToConfirm} typed={typed} onChange={setTyped} />
        )}
        {error != null && <ChangeFailure what="The change was not saved." error={error} />}
        <DialogButtons
          action={action}
          danger={props.danger === true}
          busy={busy}
          disabled={!ready}
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
