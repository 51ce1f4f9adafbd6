import { useState } from 'react';
import { ChangeFailure } from '@/design/ChangeFailure';
import Dialog from '@/design/Dialog';
import { DialogButtons } from '@/design/DialogButtons';
import { TextField } from '@/design/Field';
import { useAppearance } from '@/lib/hooks';
import { asProblem } from '@/lib/problem';
import { serverNow } from '@/lib/time';
import type { Host, HostChange } from '@/types/domain';
import { readWindow, type WindowErrors, windowForm } from '../maintenance';

interface MaintenanceDialogProps {
  host: Pick<Host, 'name' | 'maintenance'>;
  busy: boolean;
  disabled: boolean;
  error: unknown;
  onSave: (window: NonNullable<HostChange['maintenance']>) => void;
  onClose: () => void;
}

/** What the server has against a field of the window, by the last part of its pointer. */
function refusals(error: unknown): WindowErrors {
  if (error == null) return {};
  return Object.fromEntries(
    asProblem(error).errors.map(({ pointer, message }) => [pointer.split('/').at(-1) ?? '', message]),
  );
}

/** When a machine takes no new work; what runs on it goes on. */
export default function MaintenanceDialog(props: MaintenanceDialogProps) {
  const { host, busy, disabled, error, onSave, onClose } = props;
  const [form, setForm] = useState(() => windowForm(host, serverNow()));
  const [errors, setErrors] = useState<WindowErrors>({});
  const { timezone } = useAppearance();
  const shown = { ...refusals(error), ...errors };
  const set = (change: Partial<typeof form>) => {
    setErrors({});
    setForm({ ...form, ...change });
  };
  return (
    <Dialog
      title={`Maintenance of ${host.name}`}
      description={
        <p className="text-ink-2">
          No new workloads are placed on it during the window. Running workloads continue and stay billed.
          Times are in {timezone}.
        </p>
      }
      onClose={onClose}
    >
      <form
        className="grid gap-3"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const read = readWindow(form, serverNow());
          if ('errors' in read) setErrors(read.errors);
          else onSave(read.body);
        }}
      >
        {error != null && <ChangeFailure what="The maintenance window was not set." error={error} />}
        <div className="grid gap-3 sm:grid-cols-2">
          <TextField
            label="Starts"
            type="datetime-local"
            value={form.starts}
            error={shown.starts_at}
            onChange={(event) => set({ starts: event.target.value })}
          />
          <TextField
            label="Ends"
            type="datetime-local"
            value={form.ends}
            error={shown.ends_at}
            onChange={(event) => set({ ends: event.target.value })}
          />
        </div>
        <TextField
          label="Reason"
          placeholder="new disks"
          maxLength={200}
          value={form.reason}
          error={shown.reason}
          onChange={(event) => set({ reason: event.target.value })}
        />
        <DialogButtons action="Set maintenance" busy={busy} disabled={disabled} onClose={onClose} />
      </form>
    </Dialog>
  );
}
