import { Rocket } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/design/Button';
import { ChangeFailure } from '@/design/ChangeFailure';
import ConfirmDialog from '@/design/ConfirmDialog';
import { CopyField } from '@/design/CopyField';
import { DataTable } from '@/design/DataTable';
import { SelectField, TextAreaField, TextField } from '@/design/Field';
import { Forbidden } from '@/design/Forbidden';
import { Logo } from '@/design/Logo';
import { MenuButton } from '@/design/MenuButton';
import { Meter } from '@/design/Meter';
import { MorePages } from '@/design/MorePages';
import { Facts, Page, Section } from '@/design/Page';
import { Segmented } from '@/design/Segmented';
import { Sparkbars } from '@/design/Sparkline';
import { StatusChip } from '@/design/StatusChip';
import { Steps } from '@/design/Steps';
import { AsOf, EmptyState, ErrorNote, Notice, Skeleton } from '@/design/states';
import { Tile } from '@/design/Tile';
import { setAppearance, THEMES } from '@/lib/appearance';
import { useAppearance } from '@/lib/hooks';
import { formatMicros, formatMicrosExact, formatMonthly, formatRate } from '@/lib/money';
import { ApiProblem } from '@/lib/problem';
import { serverNow } from '@/lib/time';
import { Charts } from './DesignCharts';

const TONES = ['ok', 'wait', 'warn', 'bad', 'idle'] as const;
const BUTTON_TONES = ['primary', 'secondary', 'ghost', 'danger'] as const;
const problem = new ApiProblem({
  status: 503,
  code: 'busy',
  title: 'Service unavailable',
  detail: 'The table is being moved.',
  requestId: 'req_01J9Z4',
});
const outdated = new ApiProblem({
  status: 412,
  code: 'precondition_failed',
  title: 'Precondition failed',
  requestId: 'req_01J9Z5',
});
const MORE = { hasNextPage: true, isFetchingNextPage: false, fetchNextPage: () => undefined };
const ROWS = [
  { name: 'alpha', free: 3 },
  { name: 'beta', free: 11 },
];

function Buttons() {
  return (
    <Section title="Buttons">
      <div className="grid gap-2">
        {BUTTON_TONES.map((tone) => (
          <div key={tone} className="flex flex-wrap gap-2">
            <Button tone={tone}>{tone}</Button>
            <Button tone={tone} size="sm">
              small
            </Button>
            <Button tone={tone} size="icon" aria-label={`${tone} icon`}>
              <Rocket aria-hidden size={14} />
            </Button>
            <Button tone={tone} disabled>
              disabled
            </Button>
            <Button tone={tone} busy>
              Working…
            </Button>
          </div>
        ))}
      </div>
    </Section>
  );
}

function Fields() {
  return (
    <Section title="Fields">
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField label="Plain" defaultValue="web-1" />
        <TextField label="With hint" hint="1–8" defaultValue="2" type="number" />
        <TextField label="With error" error="At most 8 is free." defaultValue="64" />
        <TextField label="Disabled" disabled defaultValue="locked" />
        <SelectField label="Choice">
          <option>laptop</option>
        </SelectField>
        <TextAreaField label="Key" placeholder="ssh-ed25519 AAAA…" />
      </div>
    </Section>
  );
}

function States() {
  return (
    <Section title="States">
      <div className="grid gap-3">
        <div className="flex flex-wrap gap-2">
          {TONES.map((tone) => (
            <StatusChip key={tone} tone={tone} label={tone} />
          ))}
          <StatusChip tone="wait" label="moving" moving />
        </div>
        <Steps
          label="Steps"
          steps={[
            { name: 'Queued', state: 'done', detail: '0.2 s' },
            { name: 'Placing', state: 'done', detail: '0.4 s' },
            { name: 'Booting', state: 'active', detail: '3.1 s' },
            { name: 'Ready', state: 'waiting', detail: 'billing starts here' },
            { name: 'Broken', state: 'failed', detail: '12.0 s' },
          ]}
        />
        <Meter value={3} max={8} label="3 of 8 used" />
        <Skeleton className="h-4 w-40" />
        <ErrorNote what="The list did not load." error={problem} onRetry={() => undefined} />
        <Notice tone="wait">Your session has ended.</Notice>
        <Notice tone="warn">The balance lasts 3h.</Notice>
        <Notice tone="ok">The machine has enrolled.</Notice>
        <AsOf at={serverNow()} intervalMs={10_000} />
        <AsOf at={serverNow() - 60_000} intervalMs={10_000} />
        <EmptyState action={<Button tone="primary">Deploy a VM</Button>}>You have no VM yet.</EmptyState>
        <Forbidden needs={['admin', 'super-admin']} action={<Button>Sign in as operator</Button>} />
        <ChangeFailure what="Nothing was changed." error={outdated} />
      </div>
    </Section>
  );
}

function Tables() {
  const [sort, setSort] = useState('name');
  const columns = [
    {
      id: 'name',
      header: 'Name',
      sortBy: (r: (typeof ROWS)[number]) => r.name,
      csv: (r: (typeof ROWS)[number]) => r.name,
      cell: (r: (typeof ROWS)[number]) => r.name,
    },
    {
      id: 'free',
      header: 'Free',
      align: 'right' as const,
      sortBy: (r: (typeof ROWS)[number]) => r.free,
      cell: (r: (typeof ROWS)[number]) => r.free,
    },
  ];
  return (
    <Section title="Tables" flush>
      <DataTable
        label="Sorted"
        columns={columns}
        rows={ROWS}
        rowKey={(r) => r.name}
        sort={sort}
        onSort={setSort}
        selectedKey="beta"
      />
      <MorePages list={MORE} label="Show more" />
      <MorePages list={{ ...MORE, isFetchingNextPage: true }} label="Show more, fetching" />
      <DataTable
        label="With tools"
        tableId="design"
        columns={columns}
        rows={ROWS}
        rowKey={(r) => r.name}
        bulk={[{ label: 'Mark', onSelect: () => undefined }]}
        rowMenu={(r) => [{ label: `Rename ${r.name}`, onSelect: () => undefined }]}
        onRowClick={() => undefined}
        hasMore
      />
      <DataTable
        label="Empty"
        columns={columns}
        rows={[]}
        rowKey={(r) => r.name}
        empty={<EmptyState>Nothing here yet.</EmptyState>}
      />
      <DataTable label="Loading" columns={columns} rows={undefined} rowKey={(r) => r.name} skeletonRows={2} />
    </Section>
  );
}

function Tiles() {
  return (
    <Section title="Figures">
      <dl className="grid grid-cols-3 gap-2">
        <Tile label="Known" value="12" note="of 20" />
        <Tile label="Loading" value={undefined} note="" />
        <Tile label="Not known" value={null} note="it did not load" />
      </dl>
      <div className="mt-3 flex flex-wrap items-center gap-4">
        <Sparkbars values={[1, 4, 2, 0, 6]} label="Five days" className="h-6 w-24" />
      </div>
    </Section>
  );
}

function Money() {
  return (
    <Section title="Money">
      <Facts
        className="grid-cols-2"
        items={[
          ['Balance', formatMicros(9_984_321)],
          ['Exact', formatMicrosExact(412)],
          ['Rate', `${formatRate(21_400_000)}/hr`],
          ['Month', `${formatMonthly(21_400_000)}/mo`],
        ]}
      />
    </Section>
  );
}

/** Every primitive in every state. Development only. */
export function DesignPage() {
  const { theme } = useAppearance();
  const [asking, setAsking] = useState(false);
  return (
    <main>
      <Page title="Design" badge={<Logo />}>
        <div className="grid items-start gap-4 lg:grid-cols-2">
          <Buttons />
          <Fields />
          <States />
          <div className="grid gap-4">
            <Tiles />
            <Tables />
            <Money />
            <Section title="Overlays and choices">
              <div className="flex flex-wrap items-center gap-2">
                <Segmented
                  label="Theme"
                  value={theme}
                  options={THEMES.map((value) => ({ value, label: value }))}
                  onChange={(value) => setAppearance({ theme: value })}
                />
                <Button onClick={() => setAsking(true)}>Open dialog</Button>
                <MenuButton menuLabel="Sample" items={[{ label: 'First', onSelect: () => undefined }]}>
                  Open menu
                </MenuButton>
              </div>
              <CopyField className="mt-3" label="command" value="ssh -p 41234 root@127.0.0.1" />
            </Section>
          </div>
        </div>
        <Charts />
        {asking && (
          <ConfirmDialog
            title="Terminate web-1?"
            description="The machine and its disk are destroyed."
            action="Terminate web-1"
            danger
            typeToConfirm="web-1"
            busy={false}
            error={problem}
            onConfirm={() => setAsking(false)}
            onClose={() => setAsking(false)}
          />
        )}
      </Page>
    </main>
  );
}
