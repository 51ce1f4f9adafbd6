import { tabOf } from '@/lib/url';

export const TABS = {
  'ssh-keys': 'SSH keys',
  'api-keys': 'API keys',
  profile: 'Profile',
  appearance: 'Appearance',
  security: 'Security',
  audit: 'Audit log',
} as const;
export type SettingsTab = keyof typeof TABS;

export interface SettingsSearch {
  tab?: SettingsTab | undefined;
}

export const parseSettingsSearch = (search: Record<string, unknown>): SettingsSearch => ({
  tab: tabOf(search.tab, TABS),
});
