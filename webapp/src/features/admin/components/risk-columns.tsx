import { Button } from '@/design/Button';
import type { Column } from '@/design/DataTable';
import { Tick } from '@/design/Tick';
import { formatCount } from '@/lib/quantity';
import { formatAge, formatDateTime, secondsSince } from '@/lib/time';
import type { Risk } from '@/types/domain';
import { RISK_LABELS, RISK_STATE_LABELS, SEVERITY_RANK } from '../model';
import { RiskSubject, SeverityChip } from './RiskChips';

function Seen({ risk }: { risk: Risk }) {
  return (
    <span className="grid whitespace-nowrap max-md:text-right">
      <Tick>
        {(now) => (
          <time dateTime={risk.last_seen_at} title={formatDateTime(risk.last_seen_at)}>
            {formatAge(secondsSince(risk.last_seen_at, now))}
          </time>
        )}
      </Tick>
      <span className="text-xs text-ink-3">
        {risk.count > 1 ? `${formatCount(risk.count)} times` : 'once'}, first{' '}
        {formatDateTime(risk.first_seen_at)}
      </span>
    </span>
  );
}

function RiskState({ risk }: { risk: Risk }) {
  return (
    <span className="grid max-md:text-right">
      {RISK_STATE_LABELS[risk.state]}
      {risk.note && <span className="text-xs break-words text-ink-2">“{risk.note}”</span>}
    </span>
  );
}

export const riskColumns = (onAcknowledge: (risk: Risk) => void, offline: boolean): Column<Risk>[] => [
  {
    id: 'severity',
    header: 'Severity',
    bare: true,
    sortBy: (risk) => SEVERITY_RANK[risk.severity],
    csv: (risk) => risk.severity,
    cell: (risk) => <SeverityChip severity={risk.severity} />,
  },
  {
    id: 'risk',
    header: 'Risk',
    bare: true,
    sortBy: (risk) => RISK_LABELS[risk.kind],
    csv: (risk) => `${RISK_LABELS[risk.kind]}: ${risk.detail}`,
    cell: (risk) => (
      <span className="grid">
        <b className="font-medium">{RISK_LABELS[risk.kind]}</b>
        <span className="break-words text-ink-2">{risk.detail}</span>
      </span>
    ),
  },
  {
    id: 'subject',
    header: 'Resource',
    csv: (risk) => risk.resource_id,
    cell: (risk) => <RiskSubject risk={risk} />,
  },
  {
    id: 'seen',
    header: 'Last seen',
    sortBy: (risk) => Date.parse(risk.last_seen_at),
    csvHeader: 'last_seen_at',
    csv: (risk) => risk.last_seen_at,
    cell: (risk) => <Seen risk={risk} />,
  },
  {
    id: 'state',
    header: 'State',
    sortBy: (risk) => risk.state,
    csv: (risk) => risk.state,
    cell: (risk) => <RiskState risk={risk} />,
  },
  {
    id: 'act',
    header: 'Action',
    bare: true,
    align: 'right',
    stickyEnd: true,
    className: 'max-md:justify-end',
    cell: (risk) =>
      risk.state === 'open' && (
        <Button
          size="sm"
          disabled={offline}
          aria-label={`Acknowledge ${RISK_LABELS[risk.kind]} of ${risk.resource_id}`}
          onClick={() => onAcknowledge(risk)}
        >
          Acknowledge
        </Button>
      ),
  },
];
