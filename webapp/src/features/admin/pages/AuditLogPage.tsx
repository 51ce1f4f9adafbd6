import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Button } from '@/design/Button';
import { Section } from '@/design/Page';
import { ChainVerdict } from '@/features/audit';
import { auditVerdictQuery } from '../api';
import { AdminFrame, OperatorsOnly } from '../components/AdminFrame';
import { AuditLog } from '../components/AuditLog';

const route = getRouteApi('/_console/admin/audit');

function Log() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const only = search.operator ?? search.resource;
  return (
    <AdminFrame
      title="Audit log"
      summary="What operators changed, when and why. The records form a hash chain."
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
      <Section title="Entries" flush aside={<span className="text-xs text-ink-3">newest first</span>}>
        <ChainVerdict query={useQuery(auditVerdictQuery)} what="records of this month" />
        <AuditLog of={search} empty={only ? 'No entries match this filter.' : 'No entries yet.'} />
      </Section>
    </AdminFrame>
  );
}

export function AuditLogPage() {
  return (
    <OperatorsOnly title="Audit log">
      <Log />
    </OperatorsOnly>
  );
}
