import { Link } from '@tanstack/react-router';
import { OctagonAlert } from 'lucide-react';
import { StatusChip } from '@/design/StatusChip';
import type { Risk } from '@/types/domain';
import { providerOf, SEVERITY_LOOKS } from '../model';

export function SeverityChip({ severity }: Pick<Risk, 'severity'>) {
  const icon = severity === 'critical' ? OctagonAlert : undefined;
  return <StatusChip {...SEVERITY_LOOKS[severity]} icon={icon} />;
}

/** What a risk is about, as a way to where something can be done. */
export function RiskSubject({ risk }: { risk: Risk }) {
  const id = <span className="font-mono text-xs break-all">{risk.resource_id}</span>;
  const providerId = providerOf(risk);
  const style = 'underline underline-offset-2';
  if (risk.resource_type === 'vm') {
    return (
      <Link to="/vms/$vmId" params={{ vmId: risk.resource_id }} className={style}>
        {id}
      </Link>
    );
  }
  if (!providerId) return id;
  return (
    <Link to="/admin/providers/$providerId" params={{ providerId }} className={style}>
      {id}
    </Link>
  );
}
