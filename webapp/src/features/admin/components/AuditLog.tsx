import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck } from 'lucide-react';
import type { Column } from '@/design/DataTable';
import { PagedTable } from '@/design/PagedTable';
import { EmptyState, noValue } from '@/design/states';
import { auditLabel, detailText, HashCode } from '@/features/audit';
import { useItems } from '@/lib/pages';
import { formatCount } from '@/lib/quantity';
import { formatDateTime, serverNow } from '@/lib/time';
import type { OperatorRecord } from '@/types/domain';
import { auditLogQuery } from '../api';
import type { AuditSearch } from '../search';

const columns: Column<OperatorRecord>[] = [
  {
    id: 'at',
    header: 'Time',
    className: 'whitespace-nowrap text-ink-2',
    csv: (entry) => entry.at,
    cell: (entry) => formatDateTime(entry.at),
  },
  {
    id: 'entry',
    header: 'Action',
    csv: (entry) => entry.event,
    cell: (entry) => (
      <span className="grid max-md:text-right">
        <span className="font-medium">{auditLabel(entry.event)}</span>
        <span className="text-xs break-words text-ink-2">{detailText(entry.detail)}</span>
      </span>
    ),
  },
  {
    id: 'resource',
    header: 'Resource',
    className: 'font-mono text-xs break-all',
    csv: (entry) => entry.resource_id,
    cell: (entry) =>
      entry.resource_id.startsWith('usr_') ? (
        <Link
          to="/admin/providers/$providerId"
          params={{ providerId: entry.resource_id }}
          className="underline underline-offset-2"
        >
          {entry.resource_id}
        </Link>
      ) : (
        entry.resource_id
      ),
  },
  {
    id: 'reason',
    header: 'Reason',
    className: 'break-words max-md:text-right',
    csv: (entry) => entry.reason,
    cell: (entry) => entry.reason || noValue,
  },
  {
    id: 'operator',
    header: 'By',
    fromPx: 1200,
    className: 'font-mono text-xs break-all',
    csv: (entry) => entry.operator_id,
    cell: (entry) => (
      <Link
        to="/admin/audit"
        search={{ operator: entry.operator_id }}
        className="underline underline-offset-2"
      >
        {entry.operator_id}
      </Link>
    ),
  },
  {
    id: 'hash',
    header: 'Hash',
    fromPx: 1280,
    align: 'right',
    csv: (entry) => entry.hash,
    cell: (entry) => <HashCode hash={entry.hash} />,
  },
];

/** What operators changed, newest first. */
export function AuditLog({ of, empty }: { of: AuditSearch; empty: string }) {
  const log = useInfiniteQuery(auditLogQuery(of));
  const rows = useItems(log);
  return (
    <PagedTable
      query={log}
      name="The audit log"
      more="Show older entries"
      label="Audit log"
      tableId="operator-actions"
      columns={columns}
      rows={rows}
      rowKey={(entry) => `${entry.subject} ${entry.seq}`}
      rowName={(entry) => `${auditLabel(entry.event)}, ${formatDateTime(entry.at)}`}
      empty={<EmptyState>{empty}</EmptyState>}
    />
  );
}

/** An action that was just taken: its entry in the log is looked for from this time on. */
export interface TakenAction {
  resourceId: string;
  sinceMs: number;
}

/** The server's clock is known to a few seconds. */
const CLOCK_SLACK_MS = 3_000;

export const takenNow = (resourceId: string): TakenAction => ({
  resourceId,
  sinceMs: serverNow() - CLOCK_SLACK_MS,
});

/** The audit log's entry for an action, where it was taken. */
export function TakenEntry({ resourceId, sinceMs }: TakenAction) {
  const log = useInfiniteQuery(auditLogQuery({ resource: resourceId }));
  const [entry] = log.data?.pages[0]?.items ?? [];
  if (!entry || Date.parse(entry.at) < sinceMs) return null;
  const detail = detailText(entry.detail);
  return (
    <div role="status" className="flex gap-2 rounded-md bg-ok-bg px-3 py-2 text-ok">
      <CircleCheck aria-hidden size={16} className="mt-0.5 shrink-0" />
      <p className="min-w-0 break-words">
        <span className="font-medium">
          Audit log entry {formatCount(entry.seq)}: {auditLabel(entry.event).toLowerCase()}
        </span>
        {detail && ` · ${detail}`}
        {entry.reason && ` · “${entry.reason}”`} · <HashCode hash={entry.hash} />
      </p>
    </div>
  );
}
