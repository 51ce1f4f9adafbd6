import { StatusChip } from '@/design/StatusChip';
import type { Vm } from '@/types/domain';
import { isChanging, isUnreachable, statusLook } from '../status';

/** Its state; of a VM whose host is not heard only what was last known of it. */
export function VmStatus({ vm }: { vm: Pick<Vm, 'status' | 'lost_declarable_at'> }) {
  const look = statusLook(vm.status);
  if (!isUnreachable(vm)) return <StatusChip {...look} />;
  const known = isChanging(vm) ? look.label : `Was ${look.label.toLowerCase()}`;
  return (
    <span className="inline-flex flex-wrap gap-1">
      <StatusChip tone="idle" label={known} />
      <StatusChip tone="warn" label="Host unreachable" />
    </span>
  );
}
