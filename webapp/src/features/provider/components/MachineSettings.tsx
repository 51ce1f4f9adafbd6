import { useMutation } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { Button } from '@/design/Button';
import { ChangeFailure } from '@/design/ChangeFailure';
import { TextAreaField, TextField } from '@/design/Field';
import { Section } from '@/design/Page';
import { useConnection } from '@/lib/hooks';
import { asProblem, messagesByField } from '@/lib/problem';
import { readable } from '@/lib/words';
import type { Host } from '@/types/domain';
import { changeMachineMutation } from '../api';
import { readSettings, type SettingsErrors, type SettingsForm, settingsForm } from '../settings';

interface SwitchProps {
  label: string;
  hint: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

function Switch({ label, hint, checked, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div>
      <label className="flex min-h-7 cursor-pointer items-center gap-2 pointer-coarse:min-h-11">
        <input
          type="checkbox"
          className="size-4 accent-ink"
          aria-describedby={id}
          checked={checked}
          onChange={(event) => onChange(event.target.checked)}
        />
        {label}
      </label>
      <p id={id} className="pl-6 text-xs text-ink-3">
        {hint}
      </p>
    </div>
  );
}

interface Draft {
  /** Only what was touched: the rest follows the machine, so that nobody else's change is taken back. */
  edits: Partial<SettingsForm>;
  /** The machine as it was when the first key was pressed, or as it was when a send met another change. */
  base: Host;
}

/** Name, region, labels and network features. What was typed is kept when the machine changes meanwhile. */
export default function MachineSettings({ host }: { host: Host }) {
  const save = useMutation(changeMachineMutation);
  const offline = useConnection() === 'offline';
  const [draft, setDraft] = useState<Draft | null>(null);
  const [wrong, setWrong] = useState<SettingsErrors>({});
  const refused: SettingsErrors = save.error ? messagesByField(asProblem(save.error)) : {};
  const errors = { ...refused, ...wrong };
  const met = save.error !== null && asProblem(save.error).status === 412;
  // After a meeting the reader has been shown the newest: that is what the next send is compared with.
  const base = draft && !met ? draft.base : host;
  const form = { ...settingsForm(base), ...draft?.edits };
  const set = (change: Partial<SettingsForm>) => {
    setWrong({});
    setDraft({ edits: { ...draft?.edits, ...change }, base });
  };
  const read = readSettings(form, base);
  const nothing = 'change' in read && Object.keys(read.change).length === 0;
  const may = host.actions.includes('change');
  const submit = () => {
    if ('errors' in read) return setWrong(read.errors);
    const sent = { edits: { ...draft?.edits }, base };
    setDraft(sent);
    save.mutate(
      { host: base, change: read.change },
      {
        // What was typed while it was on its way is not thrown away.
        onSuccess: (saved) => setDraft((now) => (now === sent ? null : now && { ...now, base: saved })),
      },
    );
  };
  return (
    <Section title="Settings">
      <form
        aria-label="Settings of the machine"
        className="grid gap-4"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!nothing) submit();
        }}
      >
        {save.error && <ChangeFailure what="The settings were not saved." error={save.error} />}
        <fieldset disabled={!may} className="grid gap-4 md:grid-cols-2">
          <legend className="sr-only">Settings</legend>
          <TextField
            label="Name"
            value={form.name}
            error={errors.name}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => set({ name: event.target.value })}
          />
          <TextField
            label="Region"
            value={form.region}
            error={errors.region}
            hint="Renters filter by region."
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => set({ region: event.target.value })}
          />
          <TextAreaField
            label="Labels"
            value={form.labels}
            error={errors.labels}
            hint="One key=value per line, such as rack=7. Visible to you and to operators only."
            placeholder="rack=7"
            spellCheck={false}
            onChange={(event) => set({ labels: event.target.value })}
          />
          <fieldset className="grid content-start gap-1">
            <legend className="mb-1 text-xs font-medium text-ink-2">Network features</legend>
            <Switch
              label="Network volume"
              hint="Listed for renters who need network volumes."
              checked={form.volume}
              onChange={(volume) => set({ volume })}
            />
            <Switch
              label="Global networking"
              hint="Listed for renters who need networking across regions."
              checked={form.globalNetworking}
              onChange={(globalNetworking) => set({ globalNetworking })}
            />
          </fieldset>
        </fieldset>
        <p className="text-xs text-ink-3">
          Cloud: {readable(host.cloud_type)}. Set by operators after a review of the machine.
        </p>
        <div className="flex flex-wrap gap-2 border-t pt-3">
          <Button
            type="submit"
            tone="primary"
            busy={save.isPending}
            disabled={!may || !draft || nothing || offline}
          >
            Save
          </Button>
          {draft && (
            <Button
              onClick={() => {
                setDraft(null);
                setWrong({});
                save.reset();
              }}
            >
              Discard changes
            </Button>
          )}
        </div>
      </form>
    </Section>
  );
}
