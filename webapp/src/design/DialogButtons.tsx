import { Button } from './Button';

interface DialogButtonsProps {
  /** The verb and its object: "Terminate web-1". */
  action: string;
  danger?: boolean;
  busy: boolean;
  disabled?: boolean;
  onClose: () => void;
}

/** The end of a dialog's form: cancel, and submit. */
export function DialogButtons({
  action,
  danger = false,
  busy,
  disabled = false,
  onClose,
}: DialogButtonsProps) {
  return (
    <div className="flex flex-wrap justify-end gap-2">
      <Button onClick={onClose}>Cancel</Button>
      <Button type="submit" tone={danger ? 'danger' : 'primary'} busy={busy} disabled={disabled}>
        {action}
      </Button>
    </div>
  );
}
