import { TriangleAlert } from 'lucide-react';
import { formatDay, serverNow } from '@/lib/time';
import type { Vm } from '@/types/domain';
import { unprovenText, unreachableSince } from '../billing';
import { isUnreachable } from '../status';

function lostText({ lost_declarable_at: at, disk_gib }: Vm): string {
  if (!at) return '';
  return Date.parse(at) > serverNow()
    ? `If it stays unreachable, you can declare the VM lost from ${formatDay(at)}.`
    : `If you do not expect the host back, declare the VM lost: this ends it and gives up its ${disk_gib} GiB disk.`;
}

/** What is known of a VM whose host is silent, what that means for the bill, and the ways on. */
export function HostUnreachable({ vm }: { vm: Vm }) {
  if (!isUnreachable(vm)) return null;
  return (
    <div role="status" className="mb-4 flex gap-2 rounded-lg border border-warn bg-warn-bg p-3 text-warn">
      <TriangleAlert aria-hidden size={16} className="mt-0.5 shrink-0" />
      <div className="grid min-w-0 gap-1">
        <p>
          <b className="font-medium">Host unreachable {unreachableSince(vm, serverNow())}.</b>{' '}
          {unprovenText(vm)}
        </p>
        <p className="text-xs">
          This page shows the last known state. Start and reboot are unavailable until the host responds.{' '}
          {lostText(vm)}
        </p>
      </div>
    </div>
  );
}
