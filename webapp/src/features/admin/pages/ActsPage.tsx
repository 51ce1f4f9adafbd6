import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Button } from '@/design/Button';
import { CopyButton } from '@/design/CopyField';
import { Section } from '@/design/Page';
import { StatusChip } from '@/design/StatusChip';
import { ErrorNote } from '@/design/states';
import { formatCount } from '@/lib/quantity';
import { verdictQuery } from '../api';
import { Acts } from '../components/Acts';
import { AdminFrame, OperatorsOnly } from '../components/AdminFrame';

const route = getRouteApi('/_console/admin/audit');

function Verdict() {
  const verdict = useQuery(verdictQuery);
  if (verdict.isError) {
    return (
      <ErrorNote
        className="m-3"
        what="The chain could not be verified."
        error={verdict.error}
        onRetry={() => void verdict.refetch()}
      />
    );
  }
  if (!verdict.data) return null;
  const { intact, records, first_broken_seq, head_hash } = verdict.data;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b bg-canvas px-3 py-2 text-xs">
      <StatusChip tone={intact ? 'ok' : 'bad'} label={intact ? 'Chain verified' : 'Chain broken'} />
      <span className="text-ink-2">
        {intact
          ? `All ${formatCount(records)} acts of this month are there and as they were written.`
          : `Act ${first_broken_seq ?? '?'} is not as it was written, or is missing.`}
      </span>
      <span className="flex min-w-0 items-center gap-2 text-ink-3">
        Head <code className="truncate font-mono">{head_hash.slice(0, 16)}…</code>
        <CopyButton label="Copy head hash" value={head_hash} />
      </span>
    </div>
  );
}

function ActsOfOperators() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const only = search.operator ?? search.resource;
  return (
    <AdminFrame
      title="Operators’ acts"
      summary="Who decided what, and why: a chain in which nothing is changed unseen."
    >
      {only && (
        <p className="flex flex-wrap items-center gap-2">
          <span className="text-ink-2">
            Only {search.operator ? 'by' : 'on'} <code className="font-mono text-xs break-all">{only}</code>
          </span>
          <Button size="sm" onClick={() => void navigate({ search: {} })}>
            Show all
          </Button>
        </p>
      )}
      <Section title="Acts" flush aside={<span className="text-xs text-ink-3">newest first</span>}>
        <Verdict />
        <Acts of={search} empty={only ? 'Nothing was done here.' : 'No operator has done anything yet.'} />
      </Section>
    </AdminFrame>
  );
}

export function ActsPage() {
  return (
    <OperatorsOnly title="Operators’ acts">
      <ActsOfOperators />
    </OperatorsOnly>
  );
}
