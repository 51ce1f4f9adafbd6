import { StatusChip } from '@/design/StatusChip';
import type { Offer } from '@/types/domain';
import { hostLook } from '../model';

export function HostStatus({ host }: { host: Pick<Offer, 'state' | 'sale'> }) {
  return <StatusChip {...hostLook(host)} />;
}
