import { getRouteApi } from '@tanstack/react-router';
import { Suspense } from 'react';
import { Page } from '@/design/Page';
import { RouteTabs } from '@/design/RouteTabs';
import { Skeleton } from '@/design/states';
import { ApiKeysPanel, AuditPanel, ProfilePanel, SecurityPanel } from '@/features/account';
import { lazyPart } from '@/lib/lazy-part';
import { KeyList } from '../components/KeyList';
import { TABS } from '../search';

const route = getRouteApi('/_console/settings');

const PANELS = {
  'ssh-keys': KeyList,
  'api-keys': ApiKeysPanel,
  profile: ProfilePanel,
  appearance: lazyPart(() => import('../panels/AppearancePanel')),
  security: SecurityPanel,
  audit: AuditPanel,
} as const;

export function SettingsPage() {
  const { tab = 'ssh-keys' } = route.useSearch();
  const Panel = PANELS[tab];
  return (
    <Page title="Settings">
      <RouteTabs
        label="Settings sections"
        className="mb-4"
        tabs={TABS}
        current={tab}
        link={(to) => ({ to: '/settings', search: { tab: to === 'ssh-keys' ? undefined : to } })}
      />
      <Suspense fallback={<Skeleton className="h-40 w-full rounded-lg" />}>
        <Panel />
      </Suspense>
    </Page>
  );
}
