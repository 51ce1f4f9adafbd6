import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Check } from 'lucide-react';
import { Suspense, useCallback, useMemo, useState } from 'react';
import { Button } from '@/design/Button';
import { DataTable } from '@/design/DataTable';
import { MorePages } from '@/design/MorePages';
import { AsOf, EmptyState, ErrorNote } from '@/design/states';
import { useConnection } from '@/lib/hooks';
import { lazyPart } from '@/lib/lazy-part';
import { serverNow } from '@/lib/time';
import type { Risk } from '@/types/domain';
import { LIST_INTERVAL_MS, risksQuery } from '../api';
import { ActLine } from '../components/Acts';
import { AdminFrame, OperatorsOnly } from '../components/AdminFrame';
import { ChoiceFilter } from '../components/ListFilters';
import { SLACK_MS } from '../components/recorded';
import { riskColumns } from '../components/risk-columns';
import { byUrgency, RISK_LABELS, RISK_STATE_LABELS, SEVERITY_LOOKS } from '../model';
import { RISK_KINDS, RISK_STATES, type RisksSearch, SEVERITIES } from '../search';

const AcknowledgeDialog = lazyPart(() => import('../components/AcknowledgeDialog'));

const route = getRouteApi('/_console/admin/risks');

interface FilterProps {
  search: RisksSearch;
  set: (change: Partial<RisksSearch>) => void;
}

function Filters({ search, set }: FilterProps) {
  return (
    <search className="flex flex-wrap items-center gap-2">
      <ChoiceFilter
        label="Severity"
        any="Any severity"
        value={search.severity}
        options={SEVERITIES.map((name) => [name, SEVERITY_LOOKS[name].label] as const)}
        onChange={(severity) => set({ severity })}
      />
      <ChoiceFilter
        label="State"
        any="Not resolved"
        value={search.state}
        options={RISK_STATES.map((name) => [name, RISK_STATE_LABELS[name]] as const)}
        onChange={(state) => set({ state })}
      />
      <ChoiceFilter
        label="Kind"
        any="Any kind"
        value={search.kind}
        options={RISK_KINDS.map((name) => [name, RISK_LABELS[name]] as const)}
        onChange={(kind) => set({ kind })}
      />
    </search>
  );
}

function Nothing({ search, set }: FilterProps) {
  const narrowed = search.severity ?? search.kind ?? search.state;
  if (!narrowed) return <EmptyState>No rule finds anything now. What one finds appears here.</EmptyState>;
  return (
    <EmptyState
      action={
        <Button onClick={() => set({ severity: undefined, kind: undefined, state: undefined })}>
          Clear the filters
        </Button>
      }
    >
      No risk matches these filters.
    </EmptyState>
  );
}

function Risks() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const risks = useInfiniteQuery(risksQuery(search));
  const offline = useConnection() === 'offline';
  const [asked, setAsked] = useState<readonly string[]>([]);
  const [done, setDone] = useState<{ ids: readonly string[]; sinceMs: number } | null>(null);
  const rows = useMemo(
    () => risks.data && byUrgency(risks.data.pages.flatMap((page) => page.items)),
    [risks.data],
  );
  const set = (change: Partial<RisksSearch>) =>
    void navigate({ search: (current) => ({ ...current, ...change }), replace: true });
  const ask = useCallback((chosen: readonly Risk[]) => {
    setDone({ ids: [], sinceMs: serverNow() - SLACK_MS });
    setAsked(chosen.filter(({ state }) => state !== 'resolved').map(({ id }) => id));
  }, []);
  const columns = useMemo(() => riskColumns((risk) => ask([risk]), offline), [offline, ask]);
  const present = rows?.filter(({ id }) => asked.includes(id)) ?? [];
  return (
    <AdminFrame
      title="Risks"
      summary="What the rules find in real data, the worst first."
      aside={<AsOf at={risks.dataUpdatedAt} intervalMs={LIST_INTERVAL_MS} />}
    >
      <Filters search={search} set={set} />
      {done?.ids.map((id) => (
        <ActLine key={id} resourceId={id} sinceMs={done.sinceMs} />
      ))}
      {risks.isError && (
        <ErrorNote
          what={rows ? 'The risks could not be updated.' : 'The risks did not load.'}
          error={risks.error}
          onRetry={() => void risks.refetch()}
        />
      )}
      {(rows || !risks.isError) && (
        <div className="rounded-lg border bg-surface">
          <DataTable
            label="Risks"
            tableId="risks"
            columns={columns}
            rows={rows}
            rowKey={(risk) => risk.id}
            rowName={(risk) => `${RISK_LABELS[risk.kind]} of ${risk.resource_id}`}
            sort={search.sort}
            onSort={(sort) => set({ sort })}
            bulk={[{ label: 'Acknowledge', icon: Check, disabled: offline, onSelect: ask }]}
            hasMore={risks.hasNextPage}
            empty={<Nothing search={search} set={set} />}
          />
          <MorePages list={risks} label="Show older risks" />
        </div>
      )}
      {present.length > 0 && (
        <Suspense>
          <AcknowledgeDialog
            risks={present}
            onDone={(taken) => {
              setDone((before) => before && { ...before, ids: taken.map(({ id }) => id) });
              setAsked([]);
            }}
            onClose={() => setAsked([])}
          />
        </Suspense>
      )}
    </AdminFrame>
  );
}

/** One feed of what should be looked at. */
export function RisksPage() {
  return (
    <OperatorsOnly title="Risks">
      <Risks />
    </OperatorsOnly>
  );
}
