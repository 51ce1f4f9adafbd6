/** A price book's version as a form holds it: dollars in text, times on the wall of the reader's zone. */
import { parseRate, rateInput } from '@/lib/money';
import type { ApiProblem } from '@/lib/problem';
import { fromWallTime } from '@/lib/wall-time';
import type { Host, MarketItem, PriceBook, PriceBookRequest } from '@/types/domain';

export const UNITS = [
  { field: 'vcpu_nanos_per_hour', item: 'vcpu', label: 'vCPU' },
  { field: 'memory_gib_nanos_per_hour', item: 'memory_gib', label: 'GiB of memory' },
  { field: 'disk_gib_nanos_per_hour', item: 'disk_gib', label: 'GiB of disk' },
  { field: 'network_100mbps_nanos_per_hour', item: 'network_100mbps', label: '100 Mbps of network' },
] as const satisfies readonly { field: keyof PriceBookRequest; item: MarketItem['item']; label: string }[];

type UnitField = (typeof UNITS)[number]['field'];

export interface PriceForm {
  units: Record<UnitField, string>;
  gpus: readonly { model: string; rate: string }[];
  bonus: readonly { fromMbps: string; percent: string }[];
  /** Empty: from now on. */
  effectiveAt: string;
}

type Source = Pick<PriceBook, UnitField | 'gpus' | 'network_bonus'>;

/** The version's own prices, and a field for each GPU model of the machine, empty where it is not for sale. */
export function priceForm(source: Source, devices: Host['devices']): PriceForm {
  const models = new Set([...source.gpus.map(({ model }) => model), ...devices.map(({ model }) => model)]);
  const units = UNITS.map(({ field }) => [field, rateInput(source[field])]);
  return {
    units: Object.fromEntries(units) as Record<UnitField, string>,
    gpus: [...models].map((model) => {
      const price = source.gpus.find((gpu) => gpu.model === model);
      return { model, rate: price ? rateInput(price.nanos_per_hour) : '' };
    }),
    bonus: source.network_bonus.map(({ from_mbps, bonus_bps }) => ({
      fromMbps: String(from_mbps),
      percent: percentText(bonus_bps),
    })),
    effectiveAt: '',
  };
}

const percentText = (bps: number): string => {
  const text = String(bps).padStart(3, '0');
  return `${text.slice(0, -2)}.${text.slice(-2)}`.replace(/\.?0+$/, '');
};

/** "12.5" percent as hundredths of a percent, without floating point. */
function parsePercent(text: string): number | null {
  const match = /^(\d{1,3})(?:\.(\d{1,2}))?$/.exec(text.trim());
  if (!match) return null;
  const bps = Number((match[1] ?? '') + (match[2] ?? '').padEnd(2, '0'));
  return bps <= 10_000 ? bps : null;
}

const parseMbps = (text: string): number | null => {
  const value = /^\d{1,8}$/.test(text.trim()) ? Number(text) : 0;
  return value >= 1 && value <= 10_000_000 ? value : null;
};

/** Messages by the place they are about: a unit's field, `gpu <model>`, `bonus <row>`, `effective_at`. */
export type PriceErrors = Record<string, string>;

export const NOT_A_RATE = 'Enter dollars per hour, such as 0.0123.';
const NOT_A_BONUS = 'Enter a speed in Mbps and a percentage up to 100.';
const LATE_MS = 60_000;

function readBonus(form: PriceForm, errors: PriceErrors): PriceBook['network_bonus'] {
  const seen = new Set<number>();
  return form.bonus.map(({ fromMbps, percent }, row) => {
    const from_mbps = parseMbps(fromMbps);
    const bonus_bps = parsePercent(percent);
    if (from_mbps === null || bonus_bps === null) errors[`bonus ${row}`] = NOT_A_BONUS;
    else if (seen.has(from_mbps)) errors[`bonus ${row}`] = 'This speed is listed twice.';
    seen.add(from_mbps ?? 0);
    return { from_mbps: from_mbps ?? 0, bonus_bps: bonus_bps ?? 0 };
  });
}

function readTime(text: string, nowMs: number, errors: PriceErrors): string | null {
  if (!text) return null;
  const at = fromWallTime(text);
  if (at === null) errors.effective_at = 'Enter a date and time.';
  else if (at < nowMs - LATE_MS) errors.effective_at = 'Prices cannot take effect in the past.';
  return at === null ? null : new Date(at).toISOString();
}

export function readPrices(
  form: PriceForm,
  nowMs: number,
): { body: PriceBookRequest } | { errors: PriceErrors } {
  const errors: PriceErrors = {};
  const rate = (place: string, text: string): number => {
    const nanos = parseRate(text);
    if (nanos === null) errors[place] = NOT_A_RATE;
    return nanos ?? 0;
  };
  const body: PriceBookRequest = {
    vcpu_nanos_per_hour: rate('vcpu_nanos_per_hour', form.units.vcpu_nanos_per_hour),
    memory_gib_nanos_per_hour: rate('memory_gib_nanos_per_hour', form.units.memory_gib_nanos_per_hour),
    disk_gib_nanos_per_hour: rate('disk_gib_nanos_per_hour', form.units.disk_gib_nanos_per_hour),
    network_100mbps_nanos_per_hour: rate(
      'network_100mbps_nanos_per_hour',
      form.units.network_100mbps_nanos_per_hour,
    ),
    gpus: forSale(form).map(({ model, rate: text }) => ({
      model,
      nanos_per_hour: rate(`gpu ${model}`, text),
    })),
    network_bonus: readBonus(form, errors),
    effective_at: readTime(form.effectiveAt, nowMs, errors),
  };
  return Object.keys(errors).length ? { errors } : { body };
}

const forSale = (form: PriceForm) => form.gpus.filter(({ rate }) => rate.trim() !== '');

/** The server's refusals at the fields that they are about; what it says of no field of the form is left out. */
export function placeRefusals(problem: ApiProblem, form: PriceForm): PriceErrors {
  const errors: PriceErrors = {};
  for (const { pointer, message } of problem.errors) {
    const [field = '', index] = pointer.replace(/^#?\/?(body\/)?/, '').split('/');
    if (field === 'gpus') errors[`gpu ${forSale(form)[Number(index)]?.model}`] = message;
    else if (field === 'network_bonus') errors[`bonus ${index}`] = message;
    else errors[field] = message;
  }
  return errors;
}
