import { useMutation } from '@tanstack/react-query';
import { Button } from '@/design/Button';
import { Facts, Section } from '@/design/Page';
import { ErrorNote } from '@/design/states';
import { CapacityCell, reliabilityText } from '@/features/hosts';
import { useConnection } from '@/lib/hooks';
import { counted, formatCount, formatGib, formatMib, formatPercent, toGib } from '@/lib/quantity';
import { formatClock, formatDateTime, serverNow } from '@/lib/time';
import { readable } from '@/lib/words';
import type { Host } from '@/types/domain';
import { machineActionMutation } from '../api';
import { acceleratorText, amountsText, gpuUse } from '../model';
import { Capabilities } from './Capabilities';
import { Devices } from './Devices';
import { Rentals } from './Rentals';

const none = '—';

/** The machine reports another capacity than is offered: its owner decides when to offer that. */
function NewCapacity({ host }: { host: Host }) {
  const act = useMutation(machineActionMutation);
  const offline = useConnection() === 'offline';
  if (!host.actions.includes('offer_capacity')) return null;
  const { vcpus, memory_mib, disk_gib, gpus } = host.reported;
  return (
    <div className="grid gap-2 rounded-md bg-wait-bg p-3 text-wait">
      <p>
        The machine now reports {counted(vcpus, 'vCPU')}, {formatMib(memory_mib)} memory,{' '}
        {formatGib(disk_gib)} disk and {counted(gpus, 'GPU')}. The offer still has the capacity shown here.
      </p>
      <Button
        size="sm"
        className="justify-self-start"
        busy={act.isPending}
        disabled={offline}
        onClick={() => act.mutate({ host, act: 'offer_capacity' })}
      >
        Offer the reported capacity
      </Button>
      {act.error && <ErrorNote what="The offer was not changed." error={act.error} />}
    </div>
  );
}

/** What is on offer and not for sale, because the machine does not report it now. */
function Withheld({ host: { withheld } }: { host: Host }) {
  const missing = amountsText(withheld);
  if (!missing) return null;
  return <p className="text-warn">Withheld, because the machine no longer reports it: {missing}.</p>;
}

function Capacity({ host }: { host: Host }) {
  const { free, sellable } = host;
  const gpus = gpuUse(host);
  return (
    <Section title="Offered capacity" aside={<span className="text-xs text-ink-3">free of offered</span>}>
      <div className="grid gap-4">
        <Facts
          className="grid-cols-2 sm:grid-cols-4"
          items={[
            ['vCPUs', <CapacityCell key="v" what="vCPUs" free={free.vcpus} total={sellable.vcpus} />],
            [
              'Memory',
              <CapacityCell
                key="m"
                what="Memory"
                free={toGib(free.memory_mib)}
                total={toGib(sellable.memory_mib)}
                unit="GiB"
              />,
            ],
            [
              'Disk',
              <CapacityCell key="d" what="Disk" free={free.disk_gib} total={sellable.disk_gib} unit="GiB" />,
            ],
            [
              'GPUs',
              gpus.total ? (
                <CapacityCell key="g" what="GPUs" free={gpus.total - gpus.used} total={gpus.total} />
              ) : (
                'none'
              ),
            ],
          ]}
        />
        <Withheld host={host} />
        <NewCapacity host={host} />
      </div>
    </Section>
  );
}

function Now({ host: { figures, memory_mib, disk_gib } }: { host: Host }) {
  return (
    <Section
      title="In use now"
      aside={
        figures && <span className="text-xs text-ink-3">reported at {formatClock(figures.captured_at)}</span>
      }
    >
      {figures ? (
        <Facts
          className="grid-cols-2 sm:grid-cols-4"
          items={[
            ['CPU', formatPercent(figures.cpu_used_percent)],
            ['Load over a minute', figures.load_1m.toFixed(2)],
            ['Memory', `${formatMib(figures.memory_used_mib)} of ${formatMib(memory_mib)}`],
            ['Disk', `${formatCount(figures.disk_used_gib)} of ${formatGib(disk_gib)}`],
          ]}
        />
      ) : (
        <p className="text-ink-3">No data yet.</p>
      )}
    </Section>
  );
}

function Machine({ host }: { host: Host }) {
  const { network } = host;
  const labels = Object.entries(host.labels);
  return (
    <Section title="Machine">
      <Facts
        className="grid-cols-2 md:grid-cols-3 xl:grid-cols-4"
        items={[
          ['Processor', host.cpu_model],
          ['Threads', String(host.vcpus)],
          ['Memory', formatMib(host.memory_mib)],
          ['Disk', formatGib(host.disk_gib)],
          ['System', `${host.os} ${host.arch}`],
          ['Kernel', host.kernel],
          ['Virtualisation', acceleratorText(host)],
          ['Agent', host.agent_version],
          ['Link', network.mbps ? `${formatCount(network.mbps)} Mbps` : 'unknown'],
          ['Internet access for VMs', network.egress ? 'yes' : 'no'],
          ['Network volume', network.volume ? 'offered' : 'not offered'],
          ['Global networking', network.global_networking ? 'offered' : 'not offered'],
          ['Region', host.region],
          ['Cloud', readable(host.cloud_type)],
          ['Enrolled', formatDateTime(host.enrolled_at)],
          ['Labels', labels.length ? labels.map(([key, value]) => `${key}=${value}`).join(', ') : none],
        ]}
      />
    </Section>
  );
}

function TrackRecord({ host }: { host: Host }) {
  const { reliability } = host;
  if (!reliability) return null;
  return (
    <Section
      title="Reliability"
      aside={<span className="text-xs text-ink-3">{reliabilityText(host, serverNow())}</span>}
    >
      <Facts
        className="grid-cols-2 sm:grid-cols-4"
        items={[
          ['Score', `${reliability.score_percent.toFixed(2)}%`],
          ['Uptime', `${reliability.uptime_percent.toFixed(2)}%`],
          ['Outages', String(reliability.downtimes)],
          ['Counted outages', String(reliability.interruptions)],
        ]}
      />
    </Section>
  );
}

export default function MachineOverview({ host }: { host: Host }) {
  return (
    <div className="grid gap-4">
      <div className="grid items-start gap-4 xl:grid-cols-2">
        <Capacity host={host} />
        <Now host={host} />
      </div>
      <Rentals hostId={host.id} />
      <Devices host={host} />
      <TrackRecord host={host} />
      <Machine host={host} />
      <Capabilities host={host} />
    </div>
  );
}
