import { describe, expect, test } from 'vitest';
import { ApiProblem } from '@/lib/problem';
import { at, makeKey } from '@/test/factories';
import {
  byLastUse,
  explainKeyFailure,
  looksPrivate,
  MAX_KEY_NAME_CHARS,
  nameFromKey,
  normaliseKey,
} from './model';
import { parseSettingsSearch } from './search';

test('keys are listed by their last use, unused ones by their age', () => {
  const keys = [
    makeKey({ id: 'old', created_at: at(0) }),
    makeKey({ id: 'used', created_at: at(-9_000), last_used_at: at(1_000) }),
    makeKey({ id: 'new', created_at: at(5_000) }),
    makeKey({ id: 'just used', last_used_at: at(2_000) }),
  ];
  expect(byLastUse(keys).map(({ id }) => id)).toEqual(['just used', 'used', 'new', 'old']);
});

describe('a pasted key', () => {
  test.each([
    ['\uFEFFssh-ed25519 AAAA ada@laptop\n', 'ssh-ed25519 AAAA ada@laptop'],
    ['ssh-ed25519\tAAAA\u00A0\u00A0ada@laptop', 'ssh-ed25519 AAAA ada@laptop'],
    ['ssh-ed25519 AA\u200BAA', 'ssh-ed25519 AAAA'],
  ])('%j is read as %j', (pasted, key) => {
    expect(normaliseKey(pasted)).toBe(key);
  });

  test('suggests its comment as its name', () => {
    expect(nameFromKey('ssh-ed25519 AAAA ada lovelace')).toBe('ada lovelace');
    expect(nameFromKey('ssh-ed25519 AAAA')).toBeUndefined();
    expect(nameFromKey(`ssh-ed25519 AAAA ${'x'.repeat(500)}`)).toHaveLength(MAX_KEY_NAME_CHARS);
  });

  test.each([
    '-----BEGIN OPENSSH PRIVATE KEY-----',
    '-----BEGIN RSA PRIVATE KEY-----',
    'PuTTY-User-Key-File-3: ssh-ed25519',
    'b3BlbnNzaC1rZXktdjEAAAAABG5vbmU=',
  ])('%s is seen to be private', (text) => {
    expect(looksPrivate(text)).toBe(true);
  });

  test('a public one is not', () => {
    expect(looksPrivate('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPRIVATEKEY ada@laptop')).toBe(false);
  });
});

describe('a refused key', () => {
  const problem = (status: number, over: object = {}) =>
    new ApiProblem({ status, code: 'x', title: 'Title', ...over });

  test('that exists already is told beside the key', () => {
    expect(explainKeyFailure(problem(409))).toEqual({
      fields: { public_key: 'You already added this key.' },
    });
    expect(explainKeyFailure(problem(409, { detail: 'It is “laptop”.' })).fields).toEqual({
      public_key: 'It is “laptop”.',
    });
  });

  test('is told beside the field that the server names, else above the form', () => {
    const errors = [{ pointer: '/name', code: 'long', message: 'Too long.' }];
    expect(explainKeyFailure(problem(422, { errors }))).toEqual({ fields: { name: 'Too long.' } });
    expect(explainKeyFailure(problem(500))).toEqual({ fields: {}, summary: 'Title' });
    expect(explainKeyFailure(problem(403, { detail: 'Not you.' })).summary).toBe('Not you.');
  });
});

test('the first tab of the settings is not named in the address', () => {
  expect(parseSettingsSearch({ tab: 'ssh-keys' })).toEqual({});
  expect(parseSettingsSearch({ tab: 'security' })).toEqual({ tab: 'security' });
  expect(parseSettingsSearch({ tab: 'billing' })).toEqual({});
});
