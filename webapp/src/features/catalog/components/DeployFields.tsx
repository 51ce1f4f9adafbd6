import { Plus } from 'lucide-react';
import { Button } from '@/design/Button';
import { SelectField, TextField } from '@/design/Field';
import type { SshKey, VmTemplate } from '@/types/domain';
import { type Bounds, type Draft, type SizeBounds, withTemplate } from '../model';

interface DeployFieldsProps {
  draft: Draft;
  onDraft: (draft: Draft) => void;
  templates: readonly VmTemplate[];
  bounds: SizeBounds;
  errors: Partial<Record<string, string>>;
  keys: readonly SshKey[];
  keyId: string;
  onKey: (id: string) => void;
  onAddKey: () => void;
}

interface SizeFieldProps {
  label: string;
  value: string;
  bounds: Bounds;
  step?: number;
  error: string | undefined;
  onChange: (value: string) => void;
}

function SizeField({ label, value, bounds, step = 1, error, onChange }: SizeFieldProps) {
  return (
    <TextField
      label={label}
      type="number"
      inputMode="numeric"
      min={bounds.min}
      max={bounds.max}
      step={step}
      value={value}
      hint={`${bounds.min}–${bounds.max}`}
      error={error}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

export function DeployFields(props: DeployFieldsProps) {
  const { draft, onDraft, templates, bounds, errors, keys, keyId, onKey, onAddKey } = props;
  const change = (part: Partial<Draft>) => onDraft({ ...draft, ...part });
  const template = templates.find(({ id }) => id === draft.templateId);
  return (
    <div className="grid grid-cols-6 gap-3 p-3 xl:grid-cols-[minmax(130px,1.2fr)_minmax(150px,1.3fr)_repeat(3,minmax(84px,0.7fr))_minmax(190px,1.6fr)]">
      <TextField
        label="Name"
        className="col-span-3 xl:col-span-1"
        value={draft.name}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        error={errors.name}
        onChange={(event) => change({ name: event.target.value })}
      />
      <SelectField
        label="Template"
        className="col-span-3 xl:col-span-1"
        value={draft.templateId}
        error={errors.template_id}
        hint={template?.description}
        onChange={(event) => {
          const next = templates.find(({ id }) => id === event.target.value);
          if (next) onDraft(withTemplate(draft, next));
        }}
      >
        {templates.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      <div className="col-span-6 grid grid-cols-3 gap-3 md:col-span-4 xl:col-span-3">
        <SizeField
          label="vCPUs"
          value={draft.vcpus}
          bounds={bounds.vcpus}
          error={errors.vcpus}
          onChange={(vcpus) => change({ vcpus })}
        />
        <SizeField
          label="Memory, MiB"
          value={draft.memoryMib}
          bounds={bounds.memory_mib}
          step={64}
          error={errors.memory_mib}
          onChange={(memoryMib) => change({ memoryMib })}
        />
        <SizeField
          label="Disk, GiB"
          value={draft.diskGib}
          bounds={bounds.disk_gib}
          error={errors.disk_gib}
          onChange={(diskGib) => change({ diskGib })}
        />
      </div>
      <div className="col-span-6 flex items-start gap-2 md:col-span-2 xl:col-span-1">
        <SelectField
          label="SSH key"
          className="min-w-0 flex-1"
          value={keyId}
          disabled={keys.length === 0}
          error={errors.ssh_key_ids}
          hint={keys.find(({ id }) => id === keyId)?.fingerprint.slice(0, 24)}
          onChange={(event) => onKey(event.target.value)}
        >
          {keys.length === 0 && <option value="">No keys yet</option>}
          {keys.map((key) => (
            <option key={key.id} value={key.id}>
              {key.name}
            </option>
          ))}
        </SelectField>
        {keys.length > 0 && (
          <Button aria-label="Add another SSH key" className="mt-5 px-2" onClick={onAddKey}>
            <Plus aria-hidden size={14} />
          </Button>
        )}
      </div>
    </div>
  );
}
