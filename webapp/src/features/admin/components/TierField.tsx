import { SelectField } from '@/design/Field';
import type { ProviderTier } from '@/types/domain';
import { TIER_LABELS } from '../model';
import { TIERS } from '../search';

interface TierFieldProps {
  value: ProviderTier;
  error?: string | undefined;
  onChange: (tier: ProviderTier) => void;
}

export function TierField({ value, error, onChange }: TierFieldProps) {
  return (
    <SelectField
      label="Tier"
      value={value}
      error={error}
      onChange={(event) => onChange(event.target.value as ProviderTier)}
    >
      {TIERS.map((tier) => (
        <option key={tier} value={tier}>
          {TIER_LABELS[tier]}
        </option>
      ))}
    </SelectField>
  );
}
