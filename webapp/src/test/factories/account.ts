import type { ApiKey, AuditRecord, Preferences, SignIn, SshKey, TokenGrant, User } from '@/types/domain';
import { at } from './clock';

export const makeUser = (over: Partial<User> = {}): User => ({
  id: 'usr_1',
  email: 'ada@example.org',
  name: 'Ada',
  role: 'user',
  email_proven_at: null,
  created_at: at(),
  ...over,
});

export const makeGrant = (over: Partial<TokenGrant> = {}): TokenGrant => ({
  access_token: 'token-1',
  token_type: 'Bearer',
  expires_in_s: 900,
  user: makeUser(),
  ...over,
});

/** As the server answers while nothing was chosen. */
export const makePreferences = (
  over: Partial<Preferences & { version: number; updated_at: string | null }> = {},
) => ({
  theme: 'system',
  language: 'en',
  timezone: 'UTC',
  density: 'compact',
  version: 0,
  updated_at: null,
  ...over,
});

export const makeSignIn = (over: Partial<SignIn> = {}): SignIn => ({
  id: 'ses_1',
  agent: 'Firefox on Linux',
  address: '203.0.113.7',
  created_at: at(-86_400_000),
  last_used_at: at(),
  expires_at: at(86_400_000),
  current: true,
  ...over,
});

export const makeApiKey = (over: Partial<ApiKey> = {}): ApiKey => ({
  id: 'apk_1',
  name: 'ci',
  prefix: 'smtc_01JZZZZZZZZZ',
  scopes: ['resources:read'],
  spend_cap_micros: null,
  committed_micros: 0,
  created_at: at(),
  expires_at: null,
  last_used_at: null,
  ...over,
});

export const makeAuditRecord = (over: Partial<AuditRecord> = {}): AuditRecord => ({
  seq: 1,
  at: at(),
  subject: 'usr_1',
  event: 'sign_in.succeeded',
  detail: {},
  origin: { address: '203.0.113.7', agent: 'Firefox on Linux', salt: 's' },
  origin_digest: 'd',
  previous_hash: '0'.repeat(64),
  hash: 'a'.repeat(64),
  ...over,
});

export const makeKey = (over: Partial<SshKey> = {}): SshKey => ({
  id: 'key_1',
  name: 'laptop',
  public_key: 'ssh-ed25519 AAAA',
  fingerprint: 'SHA256:abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
  type: 'ssh-ed25519',
  bits: 256,
  created_at: at(),
  last_used_at: null,
  ...over,
});
