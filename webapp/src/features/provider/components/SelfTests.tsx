import { useInfiniteQuery } from '@tanstack/react-query';
import { type Column, DataTable } from '@/design/DataTable';
import { LoadFailure } from '@/design/LoadFailure';
import { MorePages } from '@/design/MorePages';
import { Section } from '@/design/Page';
import { StatusChip, type Tone } from '@/design/StatusChip';
import { EmptyState, noValue, Skeleton } from '@/design/states';
import { useItems } from '@/lib/pages';
import { formatDateTime, formatElapsed } from '@/lib/time';
import { readable } from '@/lib/words';
import type { SelfTest } from '@/types/domain';
import { selfTestsQuery } from '../api';
import { formatFigure } from '../metrics';

type Check = SelfTest['checks'][number];

const VERDICTS: Record<SelfTest['verdict'], { tone: Tone; label: string }> = {
  ok: { tone: 'ok', label: 'Passed' },
  warn: { tone: 'warn', label: 'Warning' },
  fail: { tone: 'bad', label: 'Failed' },
};

/** Names that words alone do not make readable. */
const NAMES: Record<string, string> = { gpus: 'GPUs', user: 'Agent user' };

const checks: Column<Check>[] = [
  {
    id: 'verdict',
    header: 'Verdict',
    bare: true,
    cell: (check) => <StatusChip {...VERDICTS[check.verdict]} />,
  },
  {
    id: 'name',
    header: 'Check',
    className: 'font-medium',
    cell: (check) => NAMES[check.name] ?? readable(check.name),
  },
  {
    id: 'value',
    header: 'Measured',
    align: 'right',
    className: 'whitespace-nowrap',
    cell: (check) => (check.value == null ? noValue : `${formatFigure(check.value)} ${check.unit}`),
  },
  {
    id: 'detail',
    header: 'Detail',
    className: 'text-ink-2 max-md:text-right',
    cell: (check) => check.detail || noValue,
  },
];

const took = (test: SelfTest) => formatElapsed(Date.parse(test.finished_at) - Date.parse(test.started_at));
const failed = (test: SelfTest) => test.checks.filter(({ verdict }) => verdict === 'fail').length;
const warned = (test: SelfTest) => test.checks.filter(({ verdict }) => verdict === 'warn').length;

const runs: Column<SelfTest>[] = [
  {
    id: 'verdict',
    header: 'Verdict',
    bare: true,
    cell: (test) => <StatusChip {...VERDICTS[test.verdict]} />,
  },
  {
    id: 'at',
    header: 'Ran',
    className: 'whitespace-nowrap',
    cell: (test) => formatDateTime(test.started_at),
  },
  { id: 'took', header: 'Took', align: 'right', cell: took },
  { id: 'checks', header: 'Checks', align: 'right', cell: (test) => test.checks.length },
  { id: 'warned', header: 'Warnings', align: 'right', cell: warned },
  { id: 'failed', header: 'Failed', align: 'right', cell: failed },
  { id: 'agent', header: 'Agent', className: 'font-mono text-xs', cell: (test) => test.agent_version },
];

function Last({ test }: { test: SelfTest }) {
  return (
    <Section
      title="Last self-test"
      flush
      aside={
        <span className="flex flex-wrap items-center gap-2 text-xs text-ink-3">
          <StatusChip {...VERDICTS[test.verdict]} />
          {formatDateTime(test.started_at)}, took {took(test)}, agent {test.agent_version}
        </span>
      }
    >
      <DataTable label="Checks" columns={checks} rows={test.checks} rowKey={(check) => check.name} />
    </Section>
  );
}

/** What the machine tried on itself, signed by its key. */
export default function SelfTests({ hostId }: { hostId: string }) {
  const tests = useInfiniteQuery(selfTestsQuery(hostId));
  const rows = useItems(tests);
  const [last, ...earlier] = rows ?? [];
  return (
    <div className="grid gap-4">
      <LoadFailure query={tests} name="The self-tests" />
      {!rows && !tests.isError && <Skeleton className="h-64 w-full rounded-lg" />}
      {rows && !last && (
        <div className="rounded-lg border bg-surface">
          <EmptyState>
            No self-tests yet. The agent runs one when the machine enrolls. To run one now, use{' '}
            <code className="font-mono">sharemtc-agent doctor</code> on the machine.
          </EmptyState>
        </div>
      )}
      {last && <Last test={last} />}
      {earlier.length > 0 && (
        <Section title="Earlier self-tests" flush>
          <DataTable label="Earlier self-tests" columns={runs} rows={earlier} rowKey={(test) => test.id} />
          <MorePages list={tests} label="Show older self-tests" />
        </Section>
      )}
    </div>
  );
}
