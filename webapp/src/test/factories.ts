import { HttpResponse } from 'msw';
import type {
  Accrual,
  ApiKey,
  AuditRecord,
  Balance,
  Device,
  Earnings,
  Host,
  MarketItem,
  Offer,
  OperatorAct,
  PlatformStats,
  Preferences,
  PriceBook,
  ProviderDetail,
  ProviderRow,
  Quote,
  Risk,
  SelfTest,
  SignIn,
  SshKey,
  SupplyOverview,
  TokenGrant,
  User,
  Vm,
  VmTemplate,
} from '@/types/domain';

export const NOW = Date.parse('2026-03-01T12:00:00Z');
export const at = (offsetMs = 0): string => new Date(NOW + offsetMs).toISOString();

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

export const makeTemplate = (over: Partial<VmTemplate> = {}): VmTemplate => ({
  id: 'tpl_tiny',
  name: 'Tiny Linux',
  description: 'Small.',
  image: 'tiny',
  min_vcpus: 1,
  min_memory_mib: 128,
  min_disk_gib: 1,
  default_user: 'root',
  ...over,
});

/** As the server would say it of such a host. */
const saleOf = (over: Partial<Offer>): Offer['sale'] => {
  const reason =
    over.unavailable_reason ?? (over.state && over.state !== 'ready' ? `host_${over.state}` : null);
  const state = reason === null ? 'available' : reason === 'sold_out' ? 'full' : 'unavailable';
  return { state, reason, since: null };
};

export const makeOffer = (over: Partial<Offer> = {}): Offer => ({
  id: 'hst_1',
  name: 'atlas',
  region: 'local',
  cloud_type: 'community',
  state: 'ready',
  cpu_model: 'EPYC',
  vcpus: 8,
  memory_mib: 16_384,
  disk_gib: 200,
  gpus: [],
  network: { mbps: 1000, egress: false, volume: false, global_networking: false },
  accelerator: 'tcg',
  sellable: { vcpus: 6, memory_mib: 12_288, disk_gib: 150 },
  free: { vcpus: 4, memory_mib: 8_192, disk_gib: 100, gpus: 0 },
  images: ['tiny'],
  prices: {
    vcpu_nanos_per_hour: 10_000_000,
    memory_gib_nanos_per_hour: 5_000_000,
    disk_gib_nanos_per_hour: 100_000,
    network_100mbps_nanos_per_hour: 20_000_000,
    gpus: [],
  },
  figures: null,
  last_heartbeat_at: at(),
  enrolled_at: at(-30 * 86_400_000),
  unavailable_reason: null,
  sale: saleOf(over),
  reliability: null,
  currency: 'USD',
  ...over,
});

export const makeHost = (over: Partial<Host> = {}): Host => ({
  ...makeOffer(),
  sale: saleOf(over),
  kernel: '6.1',
  os: 'Debian 12',
  agent_version: '0.1.0',
  accelerator_note: '',
  gpu_note: '',
  state_reason: 'enrolled',
  state_at: at(),
  platform: 'linux',
  arch: 'x86_64',
  presence: 'live',
  labels: {},
  capabilities: [],
  devices: [],
  reported: { vcpus: 6, memory_mib: 12_288, disk_gib: 150, gpus: 0 },
  withheld: { vcpus: 0, memory_mib: 0, disk_gib: 0, gpus: 0 },
  self_test: null,
  maintenance: null,
  actions: ['change', 'set_prices', 'drain', 'set_maintenance', 'retire'],
  version: 1,
  ...over,
});

export const makeDevice = (over: Partial<Device> = {}): Device => ({
  uuid: 'GPU-1',
  model: 'RTX 4090',
  vram_mib: 24_576,
  mig: false,
  state: 'free',
  driver_version: '550.54',
  cuda_version: '12.4',
  ...over,
});

export const makeSelfTest = (over: Partial<SelfTest> = {}): SelfTest => ({
  id: 'slf_1',
  verdict: 'ok',
  started_at: at(-4_000),
  finished_at: at(),
  received_at: at(),
  agent_version: '0.1.0',
  checks: [{ name: 'disk_write', verdict: 'ok', detail: 'wrote 1 GiB', value: 812.4, unit: 'MiB/s' }],
  ...over,
});

export const makePriceBook = (over: Partial<PriceBook> = {}): PriceBook => ({
  ...makeOffer().prices,
  version: 1,
  effective_at: at(-86_400_000),
  network_bonus: [{ from_mbps: 500, bonus_bps: 1_000 }],
  state: 'current',
  created_at: at(-86_400_000),
  created_by: 'usr_1',
  currency: 'USD',
  ...over,
});

export const makeMarketItem = (over: Partial<MarketItem> = {}): MarketItem => ({
  item: 'vcpu',
  model: null,
  hosts: 3,
  low_nanos_per_hour: 5_000_000,
  median_nanos_per_hour: 8_000_000,
  high_nanos_per_hour: 12_000_000,
  ...over,
});

export const makeEarnings = (over: Partial<Earnings> = {}): Earnings => ({
  today_micros: 1_250_000,
  month_micros: 20_500_000,
  thirty_days_micros: 30_000_000,
  pending_payout_micros: 7_000_000,
  per_host: [{ host_id: 'hst_1', thirty_days_micros: 30_000_000 }],
  days: [
    { day: '2026-02-28', amount_micros: 2_000_000 },
    { day: '2026-03-01', amount_micros: 1_250_000 },
  ],
  currency: 'USD',
  as_of: at(),
  ...over,
});

export const makeOverview = (over: Partial<SupplyOverview> = {}): SupplyOverview => ({
  hosts: { total: 1, available: 1, by_state: { ready: 1 } },
  occupancy: {
    vcpus_used: 2,
    vcpus_total: 6,
    memory_mib_used: 4_096,
    memory_mib_total: 12_288,
    disk_gib_used: 50,
    disk_gib_total: 150,
    gpus_used: 0,
    gpus_total: 0,
  },
  live_allocations: 1,
  as_of: at(),
  ...over,
});

export const makeQuote = (over: Partial<Quote> = {}): Quote => ({
  id: 'quo_1',
  host_id: 'hst_1',
  host_name: 'atlas',
  template_id: 'tpl_tiny',
  vcpus: 1,
  memory_mib: 128,
  disk_gib: 1,
  rate_nanos_per_hour: 10_725_000,
  stopped_rate_nanos_per_hour: 100_000,
  hold_micros: 10_725,
  lines: [
    {
      item: 'vcpu',
      quantity: 1,
      unit: 'vCPU',
      unit_rate_nanos_per_hour: 10_000_000,
      rate_nanos_per_hour: 10_000_000,
    },
  ],
  balance_lasts_s: 86_400 * 20,
  expires_at: new Date(Date.now() + 300_000).toISOString(),
  currency: 'USD',
  ...over,
});

export const makeVm = (over: Partial<Vm> = {}): Vm => ({
  id: 'vm_1',
  name: 'web-1',
  status: 'running',
  desired: 'running',
  observed: 'running',
  generation: 1,
  version: 1,
  phases: ['queued', 'placing', 'preparing', 'booting', 'ready'].map((name, index) => ({
    name,
    state: 'done' as const,
    started_at: at(index * 1_000),
    elapsed_ms: name === 'ready' ? 0 : 1_000,
  })),
  actions: ['stop', 'reboot', 'terminate'],
  billable: true,
  host_id: 'hst_1',
  host_name: 'atlas',
  host_state: 'ready',
  host_heard_at: at(),
  proven_until: at(),
  lost_declarable_at: null,
  region: 'local',
  template_id: 'tpl_tiny',
  template_name: 'Tiny Linux',
  vcpus: 1,
  memory_mib: 128,
  disk_gib: 1,
  allocation_id: 'alc_1',
  rate_nanos_per_hour: 3_600_000_000,
  running_rate_nanos_per_hour: 3_600_000_000,
  stopped_rate_nanos_per_hour: 100_000_000,
  spent_micros: 5_000,
  billed_s: 5,
  currency: 'USD',
  connect: { host: '127.0.0.1', port: 41_234, user: 'root', command: 'ssh -p 41234 root@127.0.0.1' },
  failure: null,
  created_at: at(-10_000),
  started_at: at(),
  ended_at: null,
  as_of: at(),
  ...over,
});

export const makeBalance = (over: Partial<Balance> = {}): Balance => ({
  settled_micros: 10_000_000,
  held_micros: 20_000,
  available_micros: 9_980_000,
  burn_nanos_per_hour: 21_000_000,
  runway_s: 86_400 * 19,
  empties_at: at(86_400_000 * 19),
  status: 'ok',
  currency: 'USD',
  as_of: at(),
  ...over,
});

export const makeAccrual = (over: Partial<Accrual> = {}): Accrual => ({
  allocation_id: 'alc_1',
  segment: 0,
  k: 0,
  started_at: at(),
  ended_at: at(2_000),
  rate_nanos_per_hour: 3_600_000_000,
  amount_micros: 2_000,
  transaction_id: 'txn_1',
  ...over,
});

export const makeStats = (over: Partial<PlatformStats> = {}): PlatformStats => ({
  users: 12,
  providers: 3,
  hosts: { total: 4, available: 2, by_state: { ready: 3, offline: 1 } },
  capacity: {
    vcpus_total: 32,
    vcpus_free: 20,
    memory_mib_total: 65_536,
    memory_mib_free: 32_768,
    disk_gib_total: 800,
    disk_gib_free: 500,
    gpus_total: 8,
    gpus_free: 2,
  },
  allocations: { live: 5 },
  workloads: { running: 4, stopped: 1 },
  burn_nanos_per_hour: 2_310_000_000,
  risks: { open: 2, critical: 1 },
  starting_credits: { amount_micros: 0, needs_proof: true, given_today: 0, per_day: 100 },
  currency: 'USD',
  as_of: new Date().toISOString(),
  ...over,
});

export const makeRisk = (over: Partial<Risk> = {}): Risk => ({
  id: 'rsk_1',
  kind: 'host_silent',
  severity: 'warning',
  resource_type: 'host',
  resource_id: 'hst_1',
  owner_id: 'usr_2',
  detail: 'attic has not been heard for 10 minutes.',
  state: 'open',
  count: 3,
  first_seen_at: at(),
  last_seen_at: at(60_000),
  acknowledged_by: null,
  acknowledged_at: null,
  note: '',
  resolved_at: null,
  version: 1,
  ...over,
});

export const makeAct = (over: Partial<OperatorAct> = {}): OperatorAct => ({
  seq: 7,
  at: new Date().toISOString(),
  subject: 'operators:203001',
  event: 'provider.changed',
  operator_id: 'usr_1',
  resource_id: 'usr_2',
  reason: 'sold what is not theirs',
  detail: { operator_id: 'usr_1', resource_id: 'usr_2', reason: 'sold what is not theirs', state: 'banned' },
  previous_hash: '0'.repeat(64),
  hash: 'b'.repeat(64),
  ...over,
});

export const makeProviderRow = (over: Partial<ProviderRow> = {}): ProviderRow => ({
  id: 'usr_2',
  display_name: 'Attic GPUs',
  email: 'bob@example.org',
  tier: 'community',
  state: 'active',
  draining: false,
  hosts: 2,
  hosts_ready: 1,
  gpus_used: 3,
  gpus_total: 8,
  vcpus_used: 6,
  vcpus_total: 32,
  created_at: at(),
  ...over,
});

export const makeProviderDetail = (over: Partial<ProviderDetail> = {}): ProviderDetail => ({
  id: 'usr_2',
  display_name: 'Attic GPUs',
  tier: 'community',
  state: 'active',
  state_reason: '',
  draining: false,
  created_at: at(),
  version: 4,
  email: 'bob@example.org',
  counts: { total: 1, available: 1, by_state: { ready: 1 } },
  occupancy: {
    vcpus_used: 6,
    vcpus_total: 32,
    memory_mib_used: 0,
    memory_mib_total: 1_024,
    disk_gib_used: 0,
    disk_gib_total: 100,
    gpus_used: 0,
    gpus_total: 0,
  },
  live_allocations: 2,
  thirty_days_micros: 12_500_000,
  pending_payout_micros: 2_000_000,
  currency: 'USD',
  hosts: [makeHost({ name: 'attic', version: 9 })],
  next_cursor: null,
  as_of: new Date().toISOString(),
  ...over,
});

interface Refusal {
  status: number;
  code: string;
  [member: string]: unknown;
}

/** A problem+json answer. */
export const refuse = (problem: Refusal) =>
  HttpResponse.json(
    {
      type: 'about:blank',
      title: problem.code,
      request_id: 'req_1',
      retryable: false,
      errors: [],
      ...problem,
    },
    { status: problem.status, headers: { 'Content-Type': 'application/problem+json' } },
  );
