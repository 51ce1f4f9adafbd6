/** What operators can decide, what happens then, and what is sent. */

import type { Loss } from '@/lib/confirmation';
import { counted } from '@/lib/quantity';
import { formatDay } from '@/lib/time';
import type { Host, HostDecision, ProviderChange, ProviderDetail } from '@/types/domain';

interface Decision<Body> {
  /** In menus and on buttons: "Ban…". */
  verb: string;
  title: string;
  happens: string;
  action: string;
  danger?: true;
  loss: Loss;
  body: Body;
}

export type ProviderDecision = Decision<Omit<ProviderChange, 'reason'>>;
/** `declare_lost` has an operation of its own: it is refused while heartbeats arrive, and cannot be undone. */
export type HostChoice = Decision<Omit<HostDecision, 'reason'> | 'declare_lost'>;

/** What may be decided of a provider now, besides its tier. */
export function providerDecisions(provider: ProviderDetail): ProviderDecision[] {
  const { display_name: name, state, draining, counts, live_allocations: live } = provider;
  const machines = counted(counts.total, 'machine');
  if (state === 'banned') {
    return [
      {
        verb: 'Lift ban',
        title: `Lift the ban on ${name}?`,
        happens: 'Its machines can enroll again and accept new workloads.',
        action: 'Lift the ban',
        loss: 'nothing',
        body: { state: 'active' },
      },
    ];
  }
  return [
    draining
      ? {
          verb: 'Resume',
          title: `Resume ${name}?`,
          happens: `New workloads can be placed on its ${machines} again.`,
          action: `Resume ${name}`,
          loss: 'nothing',
          body: { draining: false },
        }
      : {
          verb: 'Drain',
          title: `Drain ${name}?`,
          happens: `No new workloads are placed on its ${machines}.${live ? ` Live rentals (${live}) continue and stay billed.` : ''}`,
          action: `Drain ${name}`,
          loss: 'interruption',
          body: { draining: true },
        },
    {
      verb: 'Ban',
      title: `Ban ${name}?`,
      happens: `Its machines cannot enroll, and no new workloads are placed on its ${machines}.${live ? ` Live rentals (${live}) continue and their renters are notified; each machine is banned when its last rental ends.` : ''}`,
      action: `Ban ${name}`,
      danger: true,
      loss: 'permanent',
      body: { state: 'banned' },
    },
  ];
}

function workOf(host: Host): HostChoice {
  const { name } = host;
  return host.state === 'draining'
    ? {
        verb: 'Resume',
        title: `Resume ${name}?`,
        happens: 'It accepts new workloads again.',
        action: `Resume ${name}`,
        loss: 'nothing',
        body: { draining: false },
      }
    : {
        verb: 'Drain',
        title: `Drain ${name}?`,
        happens: 'No new workloads are placed on it. Running workloads continue and stay billed.',
        action: `Drain ${name}`,
        loss: 'interruption',
        body: { draining: true },
      };
}

function cloudTypeOf(host: Host): HostChoice {
  const secure = host.cloud_type === 'secure';
  const wanted = secure ? 'community' : 'secure';
  return {
    verb: secure ? 'Move to community' : 'Move to secure cloud',
    title: `Offer ${host.name} as ${wanted}?`,
    happens: secure
      ? 'It is no longer offered to renters who require secure machines. Running workloads continue.'
      : 'It is offered to renters who require secure machines.',
    action: `Offer as ${wanted}`,
    loss: 'interruption',
    body: { cloud_type: wanted },
  };
}

/** Nothing is left to decide: it is retired, or declared lost and about to be. */
export const isOver = ({ state, state_reason }: Pick<Host, 'state' | 'state_reason'>): boolean =>
  state === 'retired' || state_reason === 'declared_lost';

function lossOf({ name, presence, last_heartbeat_at: lastHeartbeatAt }: Host): HostChoice[] {
  if (presence === 'live') return [];
  const until = lastHeartbeatAt
    ? `billed until the last heartbeat on ${formatDay(lastHeartbeatAt)}`
    : 'not billed, because it never sent a heartbeat';
  return [
    {
      verb: 'Declare lost',
      title: `Declare ${name} lost?`,
      happens: `Use this for a machine that will not come back. Its VMs and their disks are lost, ${until}, and the renters are notified. The machine is retired within a minute. This cannot be undone.`,
      action: `Declare ${name} lost`,
      danger: true,
      loss: 'permanent',
      body: 'declare_lost',
    },
  ];
}

/** What may be decided of a machine now, besides a maintenance window. `admin`: whoever may also change its cloud type. */
export function hostChoices(host: Host, admin: boolean): HostChoice[] {
  if (isOver(host)) return [];
  const { name } = host;
  if (host.state === 'banned') {
    return [
      {
        verb: 'Lift ban',
        title: `Lift the ban on ${name}?`,
        happens: 'Its messages are accepted again. It accepts workloads after its next heartbeat.',
        action: 'Lift the ban',
        loss: 'nothing',
        body: { banned: false },
      },
    ];
  }
  const end: HostChoice[] = host.maintenance
    ? [
        {
          verb: 'End maintenance',
          title: `End the maintenance of ${name}?`,
          happens: 'The maintenance window is removed, and new workloads can be placed on it again.',
          action: 'End maintenance',
          loss: 'nothing',
          body: { maintenance: null },
        },
      ]
    : [];
  return [
    workOf(host),
    ...end,
    ...(admin ? [cloudTypeOf(host)] : []),
    {
      verb: 'Ban',
      title: `Ban ${name}?`,
      happens:
        'Its messages are rejected immediately, and its VMs are billed until its last heartbeat only. To give renters time to move, drain it first.',
      action: `Ban ${name}`,
      danger: true,
      loss: 'permanent',
      body: { banned: true },
    },
    ...lossOf(host),
  ];
}
