import { oneOf } from '@/lib/url';

export const TABS = ['ssh-keys', 'api-keys', 'profile', 'appearance', 'security', 'audit'] as const;
export type SettingsTab = (typeof TABS)[number];

export const TAB_LABELS: Record<SettingsTab, string> = {
  'ssh-keys': 'SSH keys',
  'api-keys': 'API keys',
  profile: 'Profile',
  appearance: 'Appearance',
  security: 'Security',
  audit: 'Audit',
};

export interface SettingsSearch {
  tab?: SettingsTab | undefined;
}

export const parseSettingsSearch = (search: Record<string, unknown>): SettingsSearch => {
  const tab = oneOf(search.tab, TABS, 'ssh-keys');
  return { tab: tab === 'ssh-keys' ? undefined : tab };
};
