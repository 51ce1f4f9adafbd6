import { type ReactNode, useMemo } from 'react';
import { SelectField } from '@/design/Field';
import { Section } from '@/design/Page';
import { Segmented } from '@/design/Segmented';
import { ErrorNote } from '@/design/states';
import { usePreferences } from '@/features/preferences';
import { type Density, LANGUAGES, type Language, type Theme } from '@/lib/appearance';
import { useAppearance, useShortcuts } from '@/lib/hooks';
import { setShortcuts } from '@/lib/shortcuts';
import { formatDateTime, serverNow } from '@/lib/time';

const THEME_OPTIONS: readonly { value: Theme; label: string }[] = [
  { value: 'system', label: 'System' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];
const DENSITY_OPTIONS: readonly { value: Density; label: string }[] = [
  { value: 'compact', label: 'Compact' },
  { value: 'comfortable', label: 'Comfortable' },
];
const SHORTCUT_OPTIONS = [
  { value: 'on', label: 'On' },
  { value: 'off', label: 'Off' },
] as const;

/** The zones that this browser can write times in; the chosen one too, should it not list it. */
function zonesWith(chosen: string): string[] {
  return [...new Set(['UTC', chosen, ...Intl.supportedValuesOf('timeZone')])].sort();
}

/** "Deutsch" rather than "de": whoever needs it reads it. */
function languageName(language: Language): string {
  if (language === 'en') return 'English (international)';
  return new Intl.DisplayNames([language], { type: 'language' }).of(language) ?? language;
}

function Line({ label, note, children }: { label: string; note?: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-2">
      <span>
        <span aria-hidden>{label}</span>
        {note && <span className="block text-xs text-ink-3">{note}</span>}
      </span>
      {children}
    </div>
  );
}

export default function AppearancePanel() {
  const { theme, density, language, timezone } = useAppearance();
  const shortcutsOn = useShortcuts();
  const { choose, error, saving, saved } = usePreferences();
  const zones = useMemo(() => zonesWith(timezone), [timezone]);
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Section
        title="Appearance"
        aside={
          <span role="status" className="text-xs text-ink-3">
            {saving ? 'saving…' : saved ? 'saved to your account' : 'synced with your account'}
          </span>
        }
      >
        <div className="grid gap-4">
          {error && (
            <ErrorNote
              what="The settings were not saved to your account. This browser keeps them."
              error={error}
            />
          )}
          <Line label="Theme">
            <Segmented
              label="Theme"
              value={theme}
              options={THEME_OPTIONS}
              onChange={(value) => choose({ theme: value })}
            />
          </Line>
          <Line label="Density">
            <Segmented
              label="Density"
              value={density}
              options={DENSITY_OPTIONS}
              onChange={(value) => choose({ density: value })}
            />
          </Line>
          <SelectField
            label="Time zone"
            value={timezone}
            onChange={(event) => choose({ timezone: event.target.value })}
          >
            {zones.map((zone) => (
              <option key={zone} value={zone}>
                {zone.replaceAll('_', ' ')}
              </option>
            ))}
          </SelectField>
          <SelectField
            label="Dates and times"
            hint={`Example: ${formatDateTime(serverNow())}.`}
            value={language}
            onChange={(event) => choose({ language: event.target.value as Language })}
          >
            {LANGUAGES.map((value) => (
              <option key={value} value={value}>
                {languageName(value)}
              </option>
            ))}
          </SelectField>
        </div>
      </Section>
      <Section title="Keyboard" aside={<span className="text-xs text-ink-3">saved in this browser</span>}>
        <Line label="Single-key shortcuts" note="Press ? for the list. Inactive while you type.">
          <Segmented
            label="Single-key shortcuts"
            value={shortcutsOn ? 'on' : 'off'}
            options={SHORTCUT_OPTIONS}
            onChange={(value) => setShortcuts(value === 'on')}
          />
        </Line>
      </Section>
    </div>
  );
}
