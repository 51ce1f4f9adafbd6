import { CircleX } from 'lucide-react';
import { Facts, Section } from '@/design/Page';
import { Steps } from '@/design/Steps';
import { Tick } from '@/design/Tick';
import { formatGib, formatMib } from '@/lib/quantity';
import { formatDateTime, formatElapsed, formatTicking } from '@/lib/time';
import type { Vm } from '@/types/domain';
import { billingText } from '../billing';
import { startupMs, timeline, uptimeS } from '../model';
import { isUnreachable } from '../status';

const none = '—';
const when = (at: string | null | undefined) => (at ? formatDateTime(at) : none);

function Failure({ failure }: { failure: NonNullable<Vm['failure']> }) {
  return (
    <div role="alert" className="flex gap-2 rounded-lg border border-bad bg-bad-bg p-3 text-bad">
      <CircleX aria-hidden size={16} className="mt-0.5 shrink-0" />
      <div className="min-w-0">
        <p className="font-medium break-words">{failure.detail || 'The VM failed.'}</p>
        <p className="font-mono text-2xs">{failure.code}</p>
      </div>
    </div>
  );
}

function Startup({ vm }: { vm: Vm }) {
  const total = startupMs(vm.phases);
  const failed = vm.phases.some((phase) => phase.state === 'failed');
  const active = vm.phases.some((phase) => phase.state === 'active');
  return (
    <Section
      title="Start-up"
      aside={
        <span className="text-xs text-ink-3">
          {total !== null && `ready after ${formatElapsed(total)}`}
          {total === null && (failed ? 'start failed' : billingText(vm))}
        </span>
      }
    >
      <Tick active={active}>{(now) => <Steps label="Phases" steps={timeline(vm, now)} />}</Tick>
    </Section>
  );
}

export function Overview({ vm }: { vm: Vm }) {
  return (
    <div className="grid gap-4">
      {vm.failure && <Failure failure={vm.failure} />}
      {vm.phases.length > 0 && <Startup vm={vm} />}
      <Section title="Machine">
        <Facts
          className="grid-cols-2 md:grid-cols-3 xl:grid-cols-4"
          items={[
            ['Template', vm.template_name],
            ['vCPUs', String(vm.vcpus)],
            ['Memory', formatMib(vm.memory_mib)],
            ['Disk', formatGib(vm.disk_gib)],
            ['Host', vm.host_name ?? none],
            ['Region', vm.region ?? none],
            ['Created', when(vm.created_at)],
            ['Started', when(vm.started_at)],
            [
              'Uptime',
              <Tick key="up" active={vm.status === 'running' && !isUnreachable(vm)}>
                {(now) => {
                  const seconds = uptimeS(vm, now);
                  return seconds === null ? none : formatTicking(seconds);
                }}
              </Tick>,
            ],
            ['Ended', when(vm.ended_at)],
            ['Desired · observed', `${vm.desired} · ${vm.observed}`],
            [
              'Allocation',
              <code key="id" className="font-mono text-xs break-all">
                {vm.allocation_id}
              </code>,
            ],
          ]}
        />
      </Section>
    </div>
  );
}
