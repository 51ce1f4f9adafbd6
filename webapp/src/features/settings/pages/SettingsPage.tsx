import { getRouteApi, Link } from '@tanstack/react-router';
import { Suspense } from 'react';
import { Page } from '@/design/Page';
import { Skeleton } from '@/design/states';
import { ApiKeysPanel, AuditPanel, ProfilePanel, SecurityPanel } from '@/features/account';
import { lazyPart } from '@/lib/lazy-part';
import { KeyList } from '../components/KeyList';
import { TAB_LABELS, TABS } from '../search';

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
      <nav aria-label="Settings sections" className="mb-4 flex gap-1 overflow-x-auto border-b">
        {TABS.map((name) => (
          <Link
            key={name}
            to="/settings"
            search={name === 'ssh-keys' ? {} : { tab: name }}
            aria-current={name === tab ? 'page' : undefined}
            activeOptions={{ exact: true }}
            className={`-mb-px flex h-9 shrink-0 items-center border-b-2 px-3 pointer-coarse:h-11 ${
              name === tab
                ? 'border-ink font-medium text-ink'
                : 'border-transparent text-ink-2 hover:text-ink'
            }`}
          >
            {TAB_LABELS[name]}
          </Link>
        ))}
      </nav>
      <Suspense fallback={<Skeleton className="h-40 w-full rounded-lg" />}>
        <Panel />
      </Suspense>
    </Page>
  );
}
