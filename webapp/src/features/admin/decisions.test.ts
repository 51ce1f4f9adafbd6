import { describe, expect, test } from 'vitest';
import { formatDay } from '@/lib/time';
import { at, makeHost, makeProviderDetail } from '@/test/factories';
import { hostChoices, isOver, providerDecisions } from './decisions';

const verbs = (of: readonly { verb: string }[]) => of.map(({ verb }) => verb);
const find = <T extends { verb: string }>(of: readonly T[], verb: string): T => {
  const found = of.find((one) => one.verb === verb);
  if (!found) throw new Error(`${verb} is not offered, only ${verbs(of).join(', ')}`);
  return found;
};

describe('decisions on a provider', () => {
  test('an active provider can be drained and banned', () => {
    const decisions = providerDecisions(makeProviderDetail());
    expect(verbs(decisions)).toEqual(['Drain', 'Ban']);
    expect(decisions.map(({ body }) => body)).toEqual([{ draining: true }, { state: 'banned' }]);
    expect(find(decisions, 'Ban')).toMatchObject({
      danger: true,
      loss: 'permanent',
      title: 'Ban Attic GPUs?',
    });
  });

  test('a draining provider can be resumed, without a question of loss', () => {
    const decisions = providerDecisions(makeProviderDetail({ draining: true }));
    expect(verbs(decisions)).toEqual(['Resume', 'Ban']);
    expect(find(decisions, 'Resume')).toMatchObject({ loss: 'nothing', body: { draining: false } });
  });

  test('of a banned provider only the ban can be lifted', () => {
    const decisions = providerDecisions(makeProviderDetail({ state: 'banned', draining: true }));
    expect(verbs(decisions)).toEqual(['Lift ban']);
    expect(decisions[0]?.body).toEqual({ state: 'active' });
  });

  test.each([
    [1, 1, 'its 1 machine.', 'Live rentals (1) continue'],
    [3, 2, 'its 3 machines.', 'Live rentals (2) continue'],
  ])('say how many machines (%d) and rentals (%d) they touch', (total, live, machines, rentals) => {
    const provider = makeProviderDetail({
      counts: { total, available: 0, by_state: {} },
      live_allocations: live,
    });
    for (const { happens } of providerDecisions(provider)) {
      expect(happens).toContain(machines);
      expect(happens).toContain(rentals);
    }
  });

  test('say nothing of rentals where there are none', () => {
    for (const { happens } of providerDecisions(makeProviderDetail({ live_allocations: 0 }))) {
      expect(happens).not.toMatch(/rental/i);
    }
  });
});

describe('decisions on a machine', () => {
  test('one that is heard cannot be declared lost', () => {
    expect(verbs(hostChoices(makeHost(), false))).toEqual(['Drain', 'Ban']);
    expect(verbs(hostChoices(makeHost({ presence: 'offline' }), false))).toEqual([
      'Drain',
      'Ban',
      'Declare lost',
    ]);
  });

  test('only admins decide on the cloud type, which is the other one of the two', () => {
    const community = find(hostChoices(makeHost(), true), 'Move to secure cloud');
    expect(community.body).toEqual({ cloud_type: 'secure' });
    const secure = find(hostChoices(makeHost({ cloud_type: 'secure' }), true), 'Move to community');
    expect(secure.body).toEqual({ cloud_type: 'community' });
    expect(verbs(hostChoices(makeHost(), false))).not.toContain('Move to secure cloud');
  });

  test('a draining one is resumed, one in maintenance is taken out of it', () => {
    const maintenance = { starts_at: at(), ends_at: at(3_600_000), reason: 'disks', by_operator: true };
    const choices = hostChoices(makeHost({ state: 'draining', maintenance }), false);
    expect(verbs(choices)).toEqual(['Resume', 'End maintenance', 'Ban']);
    expect(find(choices, 'Resume').body).toEqual({ draining: false });
    expect(find(choices, 'End maintenance').body).toEqual({ maintenance: null });
  });

  test('of a banned one only the ban can be lifted', () => {
    const choices = hostChoices(makeHost({ state: 'banned', presence: 'offline' }), true);
    expect(verbs(choices)).toEqual(['Lift ban']);
    expect(choices[0]?.body).toEqual({ banned: false });
  });

  test('nothing is left to decide once it is retired or declared lost', () => {
    expect(hostChoices(makeHost({ state: 'retired' }), true)).toEqual([]);
    expect(hostChoices(makeHost({ state: 'offline', state_reason: 'declared_lost' }), true)).toEqual([]);
    expect(isOver(makeHost())).toBe(false);
  });

  test('declaring a loss is permanent and says until when the VMs are billed', () => {
    const heard = at(-600_000);
    const lost = find(
      hostChoices(makeHost({ presence: 'offline', last_heartbeat_at: heard }), false),
      'Declare lost',
    );
    expect(lost).toMatchObject({ body: 'declare_lost', loss: 'permanent', danger: true });
    expect(lost.happens).toContain(`billed until the last heartbeat on ${formatDay(heard)}`);
    const never = find(
      hostChoices(makeHost({ presence: 'offline', last_heartbeat_at: null }), false),
      'Declare lost',
    );
    expect(never.happens).toContain('not billed');
  });
});
