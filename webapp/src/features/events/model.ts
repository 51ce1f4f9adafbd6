import { formatMicrosExact } from '@/lib/money';
import { formatCount, toGib } from '@/lib/quantity';
import { formatDateTime } from '@/lib/time';
import { readable } from '@/lib/words';
import type { EventData, EventReason, EventType, ResourceEvent } from '@/types/domain';

type OtherEvent = Extract<EventType, `${'host' | 'gpu' | 'provider'}.${string}`>;
type WorkloadEvent = EventType extends infer T ? (T extends `vm.${infer Name}` ? Name : never) : never;

/** What happens to a workload is called the same whatever its kind. */
const WORKLOAD_EVENT_LABELS: Record<WorkloadEvent, string> = {
  ordered: 'Ordered',
  placing: 'Sent to a host',
  preparing: 'Preparing the disk',
  booting: 'Booting',
  running: 'Running',
  stopped: 'Stopped',
  terminated: 'Terminated',
  start_ordered: 'Start requested',
  stop_ordered: 'Stop requested',
  reboot_ordered: 'Reboot requested',
  terminate_ordered: 'Termination requested',
  relocated: 'Moved to another host',
  failed: 'Failed',
  start_failed: 'Start failed',
  delayed: 'Delayed, retrying',
  lost: 'Lost',
  not_billed: 'Time not billed',
  funds_low: 'Balance low',
  crashed: 'Stopped unexpectedly',
  host_leaving: 'Host leaving',
  health_critical: 'Health check critical',
  health_recovered: 'Health check recovered',
};

const EVENT_LABELS: Record<OtherEvent, string> = {
  'host.enrolled': 'Enrolled',
  'host.ready': 'Available',
  'host.suspect': 'Suspect',
  'host.offline': 'Offline',
  'host.maintenance': 'In maintenance',
  'host.draining': 'Draining',
  'host.retired': 'Retired',
  'host.banned': 'Banned',
  'host.changed': 'Settings changed',
  'host.capacity_offered': 'Offered capacity changed',
  'host.capacity_short': 'Reported capacity below offer',
  'host.capacity_restored': 'Reported capacity restored',
  'host.device_gone': 'GPU missing',
  'host.device_back': 'GPU found again',
  'host.devices_refused': 'GPU rejected',
  'host.prices_published': 'Prices published',
  'host.maintenance_announced': 'Maintenance scheduled',
  'host.maintenance_withdrawn': 'Maintenance cancelled',
  'host.key_copied': 'Machine key copied',
  'host.proof_refused': 'Proof rejected',
  'host.protocol_unsupported': 'Agent version not supported',
  'host.health_critical': 'Health check critical',
  'host.health_recovered': 'Health check recovered',
  'gpu.health_critical': 'GPU health check critical',
  'gpu.health_recovered': 'GPU health check recovered',
  'provider.changed': 'Provider changed',
  'provider.banned': 'Provider banned',
};

const REASON_LABELS: Record<EventReason, string> = {
  user: 'Requested by the user',
  provider: 'Set by the owner',
  operator: 'Set by an operator',
  agent: 'Requested by the machine',
  dispatched: 'Command sent',
  progress: 'Reported by the host',
  proved: 'Proven by the host',
  command_failed: 'The command failed',
  missing_on_host: 'Missing on its host',
  stopped_by_itself: 'The guest shut down',
  not_on_host: 'Not on its host',
  enrollment_code: 'Enrollment code used',
  enrolled: 'Just enrolled',
  heartbeat: 'Heartbeats received',
  silence: 'No heartbeat',
  mass_silence: 'Many hosts stopped responding',
  maintenance: 'Maintenance window',
  maintenance_began: 'Maintenance began',
  maintenance_ended: 'Maintenance ended',
  provider_banned: 'Provider banned',
  provider_drained: 'Provider draining',
  host_banned: 'Banned by an operator',
  starts_failing: 'Repeated start failures',
  self_test: 'Self-test passed',
  key_copied: 'Two machines use one key',
  proof_refused: 'Does not match the command',
  protocol_unsupported: 'Agent version not supported',
  health_check: 'Health check',
  reported: 'Reported by the machine',
  reported_less: 'The machine reports less',
  not_reported: 'No longer reported',
  partitioned: 'Partitioned',
  driver_unreadable: 'The driver does not respond',
  claimed_elsewhere: 'Reported by another machine',
  declared_lost: 'Declared lost',
  funds_low: 'Balance low',
  other: 'Other',
};

/** A release that came after this console was loaded may send others; they read as words. */
export function eventLabel(type: EventType): string {
  const labels: Partial<Record<string, string>> = { ...WORKLOAD_EVENT_LABELS, ...EVENT_LABELS };
  return labels[type] ?? labels[type.slice(type.indexOf('.') + 1)] ?? readable(type);
}
export const reasonLabel = (reason: EventReason): string => REASON_LABELS[reason] ?? readable(reason);

type Amounts = Extract<EventData, { kind: 'capacity_change' }>['before'];

const amounts = ({ vcpus, memory_mib, disk_gib, gpus }: Amounts): string =>
  [
    `${formatCount(vcpus)} vCPU`,
    `${formatCount(toGib(memory_mib))} GiB memory`,
    `${formatCount(disk_gib)} GiB disk`,
    ...(gpus ? [`${gpus} GPU`] : []),
  ].join(', ');

/** What an event's data says, in words; nothing for a kind that came after this console was loaded. */
export function dataText(data: EventData): string {
  switch (data.kind) {
    case 'heartbeat_gap':
      return `Last heartbeat ${formatDateTime(data.last_heartbeat_at)}`;
    case 'mass_silence':
      return `${data.silent} of ${data.hosts} hosts of ${data.group} stopped responding; none is marked offline yet`;
    case 'maintenance_window':
      return `${formatDateTime(data.starts_at)} to ${formatDateTime(data.ends_at)}`;
    case 'capacity_change':
      return `From ${amounts(data.before)} to ${amounts(data.after)}`;
    case 'capacity_report':
      return ''; // the text says it in a sentence
    case 'devices':
      return [
        data.uuids.join(', '),
        data.last_reported_at ? `last reported ${formatDateTime(data.last_reported_at)}` : '',
      ]
        .filter(Boolean)
        .join(', ');
    case 'prices_version':
      return `Version ${data.version}, from ${formatDateTime(data.effective_at)}`;
    case 'unbilled_time':
      return `${formatMicrosExact(data.amount_micros)} not charged, ${formatDateTime(data.started_at)} to ${formatDateTime(data.ended_at)}`;
    case 'funds_low':
      return `The VM and its disk are terminated shortly before ${formatDateTime(data.ends_at)} unless funds are added`;
    case 'check_result':
      return `${readable(data.check)}: ${data.status}`;
    case 'command_outcome':
      return data.code ? `${readable(data.verb)}: ${readable(data.code).toLowerCase()}` : '';
    default:
      return unknown(data);
  }
}

const unknown = (_: never): string => '';

/** What an event tells: its data in words, then its text. */
export const eventText = ({ data, detail }: Pick<ResourceEvent, 'data' | 'detail'>): string =>
  [data ? dataText(data) : '', detail].filter(Boolean).join(' · ');

const ACTORS: Record<string, string> = {
  operator: 'An operator',
  platform: 'The platform',
  liveness: 'The platform',
  lifecycle: 'The platform',
  reconciler: 'The platform',
};

/** Who did it: "You", never your own id. */
export function actorText(actor: string, userId: string | undefined): string {
  if (actor === userId) return 'You';
  if (actor.startsWith('hst_')) return 'The host';
  return ACTORS[actor] ?? actor;
}
