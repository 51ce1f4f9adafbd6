import { type ReactNode, useState } from 'react';
import Dialog from './Dialog';
import { DialogButtons } from './DialogButtons';
import { ErrorNote } from './states';
import { isConfirmed, TypeToConfirm } from './TypeToConfirm';

export interface ConfirmDialogProps {
  title: string;
  /** What will happen, what it costs, what is lost. */
  description: ReactNode;
  /** The verb and its object: "Terminate web-1". */
  action: string;
  danger?: boolean;
  /** When set, the act waits until the reader has typed exactly this. */
  typeToConfirm?: string | undefined;
  busy: boolean;
  disabled?: boolean;
  error: unknown;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before an act that cannot be undone or that costs something. Stays open with the cause when the act fails. */
export default function ConfirmDialog(props: ConfirmDialogProps) {
  const {
    title,
    description,
    action,
    danger = false,
    typeToConfirm,
    busy,
    error,
    onConfirm,
    onClose,
  } = props;
  const [typed, setTyped] = useState('');
  const ready = !props.disabled && isConfirmed(typeToConfirm, typed);
  return (
    <Dialog title={title} description={description} onClose={onClose}>
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready && !busy) onConfirm();
        }}
      >
        {typeToConfirm !== undefined && (
          <TypeToConfirm expected={typeToConfirm} typed={typed} onChange={setTyped} />
        )}
        {error != null && <ErrorNote what="The request failed." error={error} />}
        <DialogButtons action={action} danger={danger} busy={busy} disabled={!ready} onClose={onClose} />
      </form>
    </Dialog>
  );
}
