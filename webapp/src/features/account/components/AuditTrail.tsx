import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { CopyButton } from '@/design/CopyField';
import { type Column, DataTable } from '@/design/DataTable';
import { MorePages } from '@/design/MorePages';
import { Section } from '@/design/Page';
import { StatusChip } from '@/design/StatusChip';
import { EmptyState, ErrorNote } from '@/design/states';
import { auditLabel } from '@/lib/audit-words';
import { formatCount } from '@/lib/quantity';
import { formatDateTime } from '@/lib/time';
import type { AuditRecord, AuditVerdict } from '@/types/domain';
import { auditQuery, auditVerdictQuery } from '../api';
import { detailText } from '../model';

const none = <span className="text-ink-3">—</span>;

const columns: Column<AuditRecord>[] = [
  {
    id: 'seq',
    header: 'No.',
    csv: (record) => record.seq,
    className: 'text-ink-3',
    cell: (record) => formatCount(record.seq),
  },
  {
    id: 'at',
    header: 'Time',
    className: 'whitespace-nowrap text-ink-2',
    csv: (record) => record.at,
    cell: (record) => formatDateTime(record.at),
  },
  {
    id: 'event',
    header: 'Event',
    csv: (record) => record.event,
    cell: (record) => (
      <span className="grid max-md:text-right">
        {auditLabel(record.event)}
        <code className="font-mono text-2xs text-ink-3">{record.event}</code>
      </span>
    ),
  },
  {
    id: 'origin',
    header: 'From',
    csv: (record) => record.origin && `${record.origin.agent} · ${record.origin.address}`,
    className: 'max-md:text-right',
    cell: (record) => (record.origin ? `${record.origin.agent} · ${record.origin.address}` : none),
  },
  {
    id: 'detail',
    header: 'Detail',
    csv: (record) => detailText(record.detail),
    fromPx: 1200,
    className: 'text-xs break-all text-ink-2',
    cell: (record) => detailText(record.detail) || none,
  },
  {
    id: 'hash',
    header: 'Hash',
    align: 'right',
    csv: (record) => record.hash,
    cell: (record) => (
      <code className="font-mono text-xs text-ink-2" title={record.hash}>
        {record.hash.slice(0, 12)}
      </code>
    ),
  },
];

function Verdict({ verdict }: { verdict: AuditVerdict }) {
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b bg-canvas px-3 py-2 text-xs">
      {verdict.intact ? (
        <StatusChip tone="ok" label="Chain verified" />
      ) : (
        <StatusChip tone="bad" label="Chain broken" />
      )}
      <span className="text-ink-2">
        {verdict.intact
          ? `All ${formatCount(verdict.records)} records are there and as they were written.`
          : `Record ${verdict.first_broken_seq ?? '?'} is not as it was written, or is missing.`}
      </span>
      <span className="flex min-w-0 items-center gap-2 text-ink-3">
        Head <code className="truncate font-mono">{verdict.head_hash.slice(0, 16)}…</code>
        <CopyButton label="Copy head hash" value={verdict.head_hash} />
      </span>
    </div>
  );
}

/** What happened to the account's security: a chain in which no record can be changed or dropped unseen. */
export function AuditTrail() {
  const audit = useInfiniteQuery(auditQuery);
  const verdict = useQuery(auditVerdictQuery);
  const rows = useMemo(() => audit.data?.pages.flatMap((page) => page.items), [audit.data]);
  return (
    <Section title="Security events" flush aside={<span className="text-xs text-ink-3">newest first</span>}>
      {verdict.data && <Verdict verdict={verdict.data} />}
      {verdict.isError && (
        <ErrorNote
          className="m-3"
          what="The chain could not be verified."
          error={verdict.error}
          onRetry={() => void verdict.refetch()}
        />
      )}
      {audit.isError && (
        <ErrorNote
          className="m-3"
          what={rows ? 'The events could not be updated.' : 'The events did not load.'}
          error={audit.error}
          onRetry={() => void audit.refetch()}
        />
      )}
      {(rows || !audit.isError) && (
        <DataTable
          label="Security events"
          tableId="security-events"
          hasMore={audit.hasNextPage}
          columns={columns}
          rows={rows}
          rowKey={(record) => String(record.seq)}
          empty={<EmptyState>Nothing has happened yet.</EmptyState>}
        />
      )}
      <MorePages list={audit} label="Show older events" />
    </Section>
  );
}
