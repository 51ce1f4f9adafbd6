import { Facts, Page, Section } from '@/design/Page';
import { Segmented } from '@/design/Segmented';
import { type Density, setAppearance, type Theme } from '@/lib/appearance';
import { useAppearance, useSession } from '@/lib/hooks';
import { formatDay } from '@/lib/time';
import { KeyList } from '../components/KeyList';

const THEME_OPTIONS: readonly { value: Theme; label: string }[] = [
  { value: 'system', label: 'System' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];
const DENSITY_OPTIONS: readonly { value: Density; label: string }[] = [
  { value: 'compact', label: 'Compact' },
  { value: 'comfortable', label: 'Comfortable' },
];

function Profile() {
  const session = useSession();
  if (session.status !== 'signed-in') return null;
  const { user } = session;
  return (
    <Section title="Profile">
      <Facts
        className="sm:grid-cols-2"
        items={[
          ['Name', user.name],
          ['Email', user.email],
          ['Role', user.role],
          ['Member since', formatDay(user.created_at)],
          [
            'User id',
            <code key="id" className="font-mono text-xs break-all">
              {user.id}
            </code>,
          ],
        ]}
      />
    </Section>
  );
}

function AppearanceSection() {
  const { theme, density } = useAppearance();
  return (
    <Section title="Appearance" aside={<span className="text-xs text-ink-3">kept in this browser</span>}>
      <div className="grid gap-3">
        <div className="flex flex-wrap items-center justify-between gap-2">
          <span aria-hidden>Theme</span>
          <Segmented
            label="Theme"
            value={theme}
            options={THEME_OPTIONS}
            onChange={(value) => setAppearance({ theme: value })}
          />
        </div>
        <div className="flex flex-wrap items-center justify-between gap-2">
          <span aria-hidden>Density</span>
          <Segmented
            label="Density"
            value={density}
            options={DENSITY_OPTIONS}
            onChange={(value) => setAppearance({ density: value })}
          />
        </div>
      </div>
    </Section>
  );
}

export function SettingsPage() {
  return (
    <Page title="Settings">
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <KeyList />
        <div className="grid gap-4">
          <Profile />
          <AppearanceSection />
        </div>
      </div>
    </Page>
  );
}
