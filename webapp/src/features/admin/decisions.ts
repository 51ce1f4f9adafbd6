/** What operators can decide, what happens then, and what is sent. */
import { formatDay } from '@/lib/time';
import type { Loss } from '@/lib/weights';
import type { Host, HostDecision, ProviderChange, ProviderDetail } from '@/types/domain';

interface Decision<Body> {
  /** In menus and on buttons: "Ban…". */
  verb: string;
  title: string;
  happens: string;
  action: string;
  danger?: true;
  loses: Loss;
  body: Body;
}

export type ProviderDecision = Decision<Omit<ProviderChange, 'reason'>>;
/** `declare_lost` is an act of its own: it is refused while the machine is heard, and nothing takes it back. */
export type HostChoice = Decision<Omit<HostDecision, 'reason'> | 'declare_lost'>;

/** What may be decided of a provider now, besides its tier. */
export function providerDecisions(provider: ProviderDetail): ProviderDecision[] {
  const { display_name: name, state, draining, counts, live_allocations: live } = provider;
  const machines = counts.total === 1 ? 'one machine' : `${counts.total} machines`;
  const rentals = live === 1 ? 'one live rental' : `${live} live rentals`;
  if (state === 'banned') {
    return [
      {
        verb: 'Lift ban',
        title: `Lift the ban on ${name}?`,
        happens: 'Its machines may join again and take new work.',
        action: 'Lift the ban',
        loses: 'nothing',
        body: { state: 'active' },
      },
    ];
  }
  return [
    draining
      ? {
          verb: 'Resume',
          title: `Let ${name} take work again?`,
          happens: `Its ${machines} take new work again.`,
          action: `Resume ${name}`,
          loses: 'nothing',
          body: { draining: false },
        }
      : {
          verb: 'Drain',
          title: `Drain ${name}?`,
          happens: `Its ${machines} take no new work. Its ${rentals} go on and stay billed.`,
          action: `Drain ${name}`,
          loses: 'interruption',
          body: { draining: true },
        },
    {
      verb: 'Ban',
      title: `Ban ${name}?`,
      happens: `No machine of theirs can join, and its ${machines} take no new work. What runs is not killed: its ${rentals} go on, the renters are told, and a machine is shut out when its last has ended.`,
      action: `Ban ${name}`,
      danger: true,
      loses: 'for-good',
      body: { state: 'banned' },
    },
  ];
}

function workOf(host: Host): HostChoice {
  const { name } = host;
  return host.state === 'draining'
    ? {
        verb: 'Resume',
        title: `Let ${name} take work again?`,
        happens: 'It takes new work again.',
        action: `Resume ${name}`,
        loses: 'nothing',
        body: { draining: false },
      }
    : {
        verb: 'Drain',
        title: `Drain ${name}?`,
        happens: 'It takes no new work. What runs on it goes on and stays billed.',
        action: `Drain ${name}`,
        loses: 'interruption',
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
      ? 'Who asks for secure machines is not offered it any more. What runs on it goes on.'
      : 'It is offered to those who ask for secure machines.',
    action: `Offer as ${wanted}`,
    loses: 'interruption',
    body: { cloud_type: wanted },
  };
}

/** Nothing is left to decide: it is retired, or declared lost and about to be. */
export const isOver = ({ state, state_reason }: Pick<Host, 'state' | 'state_reason'>): boolean =>
  state === 'retired' || state_reason === 'declared_lost';

function lossOf({ name, presence, last_heartbeat_at: heard }: Host): HostChoice[] {
  if (presence === 'live') return [];
  const until = heard
    ? `billed until it was last heard, ${formatDay(heard)}`
    : 'without a bill: it was never heard';
  return [
    {
      verb: 'Declare lost',
      title: `Declare ${name} lost?`,
      happens: `For a machine that will not come back. All VMs on it end as lost with their disks, ${until}, and their renters are told. It takes no new work and is retired for good within a minute.`,
      action: `Declare ${name} lost`,
      danger: true,
      loses: 'for-good',
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
        happens: 'Its signed messages are heard again, and it takes work when it has been heard.',
        action: 'Lift the ban',
        loses: 'nothing',
        body: { banned: false },
      },
    ];
  }
  const end: HostChoice[] = host.maintenance
    ? [
        {
          verb: 'End maintenance',
          title: `End the maintenance of ${name}?`,
          happens: 'Its window is dropped, and it takes new work again.',
          action: 'End maintenance',
          loses: 'nothing',
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
        'It is shut out at once: it is heard no more, and what it runs is paid until it was last heard. To let renters end what they have there, drain it first.',
      action: `Ban ${name}`,
      danger: true,
      loses: 'for-good',
      body: { banned: true },
    },
    ...lossOf(host),
  ];
}
