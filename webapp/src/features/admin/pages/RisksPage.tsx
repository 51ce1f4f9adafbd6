import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Check } from 'lucide-react';
import { Suspense, useCallback, useMemo, useState } from 'react';
import { Button } from '@/design/Button';
import { ChoiceFilter } from '@/design/ListFilters';
import { PagedTable } from '@/design/PagedTable';
import { AsOf, EmptyState } from '@/design/states';
import { useConnection } from '@/lib/hooks';
import { lazyPart } from '@/lib/lazy-part';
import { useItems } from '@/lib/pages';
import type { Risk } from '@/types/domain';
import { LIST_INTERVAL_MS, risksQuery } from '../api';
import { AdminFrame, OperatorsOnly } from '../components/AdminFrame';
import { type TakenAction, TakenEntry, takenNow } from '../components/AuditLog';
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
        any="Unresolved"
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
  if (!narrowed) return <EmptyState>No risks found.</EmptyState>;
  return (
    <EmptyState
      action={
        <Button onClick={() => set({ severity: undefined, kind: undefined, state: undefined })}>
          Clear filters
        </Button>
      }
    >
      No risks match these filters.
    </EmptyState>
  );
}

function Risks() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const risks = useInfiniteQuery(risksQuery(search));
  const offline = useConnection() === 'offline';
  const [asked, setAsked] = useState<readonly TakenAction[]>([]);
  const [done, setDone] = useState<readonly TakenAction[]>([]);
  const items = useItems(risks);
  const rows = useMemo(() => items && byUrgency(items), [items]);
  const set = (change: Partial<RisksSearch>) =>
    void navigate({ search: (current) => ({ ...current, ...change }), replace: true });
  const ask = useCallback((chosen: readonly Risk[]) => {
    setDone([]);
    setAsked(chosen.filter(({ state }) => state !== 'resolved').map(({ id }) => takenNow(id)));
  }, []);
  const columns = useMemo(() => riskColumns((risk) => ask([risk]), offline), [offline, ask]);
  const present = rows?.filter(({ id }) => asked.some(({ resourceId }) => resourceId === id)) ?? [];
  return (
    <AdminFrame
      title="Risks"
      summary="Findings of the risk rules, most severe first."
      aside={<AsOf at={risks.dataUpdatedAt} intervalMs={LIST_INTERVAL_MS} />}
    >
      <Filters search={search} set={set} />
      {done.map((action) => (
        <TakenEntry key={action.resourceId} {...action} />
      ))}
      <PagedTable
        query={risks}
        name="The risks"
        more="Show older risks"
        boxed
        label="Risks"
        tableId="risks"
        columns={columns}
        rows={rows}
        rowKey={(risk) => risk.id}
        rowName={(risk) => `${RISK_LABELS[risk.kind]} of ${risk.resource_id}`}
        sort={search.sort}
        onSort={(sort) => set({ sort })}
        bulk={[{ label: 'Acknowledge', icon: Check, disabled: offline, onSelect: ask }]}
        empty={<Nothing search={search} set={set} />}
      />
      {present.length > 0 && (
        <Suspense>
          <AcknowledgeDialog
            risks={present}
            onDone={() => {
              setDone(asked);
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
