import type {
  Device,
  Earnings,
  Host,
  MarketItem,
  Offer,
  PriceBook,
  SelfTest,
  SupplyOverview,
} from '@/types/domain';
import { at } from './clock';

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
