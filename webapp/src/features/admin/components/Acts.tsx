import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck } from 'lucide-react';
import { useMemo } from 'react';
import { type Column, DataTable } from '@/design/DataTable';
import { MorePages } from '@/design/MorePages';
import { EmptyState, ErrorNote } from '@/design/states';
import { auditLabel } from '@/lib/audit-words';
import { formatCount } from '@/lib/quantity';
import { formatDateTime } from '@/lib/time';
import type { OperatorAct } from '@/types/domain';
import { actsQuery } from '../api';
import { actDetail } from '../model';
import type { AuditSearch } from '../search';

const none = <span className="text-ink-3">—</span>;

const columns: Column<OperatorAct>[] = [
  {
    id: 'at',
    header: 'Time',
    className: 'whitespace-nowrap text-ink-2',
    csv: (act) => act.at,
    cell: (act) => formatDateTime(act.at),
  },
  {
    id: 'act',
    header: 'Act',
    csv: (act) => act.event,
    cell: (act) => (
      <span className="grid max-md:text-right">
        <span className="font-medium">{auditLabel(act.event)}</span>
        <span className="text-xs break-words text-ink-2">{actDetail(act.detail)}</span>
      </span>
    ),
  },
  {
    id: 'resource',
    header: 'On',
    className: 'font-mono text-xs break-all',
    csv: (act) => act.resource_id,
    cell: (act) =>
      act.resource_id.startsWith('usr_') ? (
        <Link
          to="/admin/providers/$providerId"
          params={{ providerId: act.resource_id }}
          className="underline underline-offset-2"
        >
          {act.resource_id}
        </Link>
      ) : (
        act.resource_id
      ),
  },
  {
    id: 'reason',
    header: 'Reason',
    className: 'break-words max-md:text-right',
    csv: (act) => act.reason,
    cell: (act) => act.reason || none,
  },
  {
    id: 'operator',
    header: 'By',
    fromPx: 1200,
    className: 'font-mono text-xs break-all',
    csv: (act) => act.operator_id,
    cell: (act) => (
      <Link to="/admin/audit" search={{ operator: act.operator_id }} className="underline underline-offset-2">
        {act.operator_id}
      </Link>
    ),
  },
  {
    id: 'hash',
    header: 'Hash',
    fromPx: 1280,
    align: 'right',
    csv: (act) => act.hash,
    cell: (act) => (
      <code className="font-mono text-xs text-ink-2" title={act.hash}>
        {act.hash.slice(0, 12)}
      </code>
    ),
  },
];

/** What operators did, newest first. */
export function Acts({ of, empty }: { of: AuditSearch; empty: string }) {
  const acts = useInfiniteQuery(actsQuery(of));
  const rows = useMemo(() => acts.data?.pages.flatMap((page) => page.items), [acts.data]);
  return (
    <>
      {acts.isError && (
        <ErrorNote
          className="m-3"
          what={rows ? 'The acts could not be updated.' : 'The acts did not load.'}
          error={acts.error}
          onRetry={() => void acts.refetch()}
        />
      )}
      {(rows || !acts.isError) && (
        <DataTable
          label="Operators’ acts"
          tableId="operator-acts"
          columns={columns}
          rows={rows}
          rowKey={(act) => `${act.subject} ${act.seq}`}
          rowName={(act) => `${auditLabel(act.event)}, ${formatDateTime(act.at)}`}
          hasMore={acts.hasNextPage}
          empty={<EmptyState>{empty}</EmptyState>}
        />
      )}
      <MorePages list={acts} label="Show older acts" />
    </>
  );
}

/** The line that an act just wrote, where the act was done. */
export function ActLine({ resourceId, sinceMs }: { resourceId: string; sinceMs: number }) {
  const acts = useInfiniteQuery(actsQuery({ resource: resourceId }));
  const [act] = acts.data?.pages[0]?.items ?? [];
  if (!act || Date.parse(act.at) < sinceMs) return null;
  const detail = actDetail(act.detail);
  return (
    <div role="status" className="flex gap-2 rounded-md bg-ok-bg px-3 py-2 text-ok">
      <CircleCheck aria-hidden size={16} className="mt-0.5 shrink-0" />
      <p className="min-w-0 break-words">
        <span className="font-medium">
          Recorded as no. {formatCount(act.seq)}: {auditLabel(act.event).toLowerCase()}
        </span>
        {detail && ` · ${detail}`}
        {act.reason && ` · “${act.reason}”`} ·{' '}
        <code className="font-mono text-xs" title={act.hash}>
          {act.hash.slice(0, 12)}
        </code>
      </p>
    </div>
  );
}
