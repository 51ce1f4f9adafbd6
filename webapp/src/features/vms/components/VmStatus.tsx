import { StatusChip } from '@/design/StatusChip';
import { statusLook } from '../status';

export function VmStatus({ status }: { status: string }) {
  return <StatusChip {...statusLook(status)} />;
}
