import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { Column } from '@/design/DataTable';
import { Section } from '@/design/Page';
import { PagedTable } from '@/design/PagedTable';
import { EmptyState, noValue } from '@/design/states';
import { auditLabel, ChainVerdict, detailText, HashCode } from '@/features/audit';
import { useItems } from '@/lib/pages';
import { formatCount } from '@/lib/quantity';
import { formatDateTime } from '@/lib/time';
import type { AuditRecord } from '@/types/domain';
import { auditQuery, auditVerdictQuery } from '../api';

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
    cell: (record) => (record.origin ? `${record.origin.agent} · ${record.origin.address}` : noValue),
  },
  {
    id: 'detail',
    header: 'Detail',
    csv: (record) => detailText(record.detail),
    fromPx: 1200,
    className: 'text-xs break-all text-ink-2',
    cell: (record) => detailText(record.detail) || noValue,
  },
  {
    id: 'hash',
    header: 'Hash',
    align: 'right',
    csv: (record) => record.hash,
    cell: (record) => <HashCode hash={record.hash} />,
  },
];

/** What happened to the account's security: a chain in which no record can be changed or dropped unseen. */
export function AuditTrail() {
  const audit = useInfiniteQuery(auditQuery);
  const verdict = useQuery(auditVerdictQuery);
  const rows = useItems(audit);
  return (
    <Section title="Security events" flush aside={<span className="text-xs text-ink-3">newest first</span>}>
      <ChainVerdict query={verdict} />
      <PagedTable
        query={audit}
        name="The events"
        more="Show older events"
        label="Security events"
        tableId="security-events"
        columns={columns}
        rows={rows}
        rowKey={(record) => String(record.seq)}
        empty={<EmptyState>No security events yet.</EmptyState>}
      />
    </Section>
  );
}
