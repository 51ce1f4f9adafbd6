import { CopyButton } from '@/design/CopyField';
import { type Loadable, LoadFailure } from '@/design/LoadFailure';
import { StatusChip } from '@/design/StatusChip';
import { formatCount } from '@/lib/quantity';
import type { AuditVerdict } from '@/types/domain';

interface ChainVerdictProps {
  query: Loadable & { data: AuditVerdict | undefined };
  /** What the chain holds: "records", "records of this month". */
  what?: string;
}

/** Whether a chain of audit records is complete and unchanged. */
export function ChainVerdict({ query, what = 'records' }: ChainVerdictProps) {
  const verdict = query.data;
  if (!verdict || query.isError) {
    return <LoadFailure className="m-3" query={query} name="The verification" />;
  }
  const { intact, records, first_broken_seq, head_hash } = verdict;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b bg-canvas px-3 py-2 text-xs">
      <StatusChip tone={intact ? 'ok' : 'bad'} label={intact ? 'Chain verified' : 'Chain broken'} />
      <span className="text-ink-2">
        {!intact && `Record ${first_broken_seq ?? '?'} was changed or is missing.`}
        {intact &&
          (records === 0
            ? `No ${what} yet.`
            : `All ${formatCount(records)} ${what} are present and unchanged.`)}
      </span>
      <span className="flex min-w-0 items-center gap-2 text-ink-3">
        Head <code className="truncate font-mono">{head_hash.slice(0, 16)}…</code>
        <CopyButton label="Copy head hash" value={head_hash} />
      </span>
    </div>
  );
}
