import { freshness, hostLook, reasonText } from '@/features/hosts';
import { scaledRate } from '@/lib/money';
import { type ApiProblem, type Constraint, messagesByField } from '@/lib/problem';
import { counted } from '@/lib/quantity';
import { readable } from '@/lib/words';
import type { Offer, Quote, QuoteRequest, VmTemplate } from '@/types/domain';

const MIB_PER_GIB = 1_024;

/** Whether a search text occurs in what a host is called, where it is, or in its processor. */
export function matchesQuery(offer: Offer, query: string): boolean {
  const needle = query.trim().toLowerCase();
  return [offer.name, offer.id, offer.region, offer.cpu_model].some((text) =>
    text.toLowerCase().includes(needle),
  );
}

/** Templates whose image this host has, whether or not there is room for them now. */
export const templatesOn = (offer: Offer, templates: readonly VmTemplate[]): VmTemplate[] =>
  templates.filter(({ image }) => offer.images.includes(image));

/** Templates whose image and minimum size this host can take now. */
export function fittingTemplates(offer: Offer, templates: readonly VmTemplate[]): VmTemplate[] {
  return templatesOn(offer, templates).filter(
    (template) =>
      template.min_vcpus <= offer.free.vcpus &&
      template.min_memory_mib <= offer.free.memory_mib &&
      template.min_disk_gib <= offer.free.disk_gib,
  );
}

/** Why nothing can be deployed there, in words; undefined when something can. */
export function blockedBy(
  offer: Offer,
  templates: readonly VmTemplate[] | undefined,
  nowMs: number,
): string | undefined {
  if (offer.state !== 'ready') return `The host is ${hostLook(offer).label.toLowerCase()}.`;
  if (offer.unavailable_reason) return reasonText(offer.unavailable_reason);
  if (freshness(offer.last_heartbeat_at, nowMs) === 'expired') return 'No recent heartbeat.';
  if (templates && fittingTemplates(offer, templates).length === 0)
    return 'No template fits the free capacity.';
  return undefined;
}

export interface Size {
  vcpus: number;
  memory_mib: number;
  disk_gib: number;
}

/** What a size costs per running hour by a host's own prices. An estimate: only a quote is a promise. */
export function estimatedRate(prices: Offer['prices'], size: Size): bigint {
  return (
    scaledRate(prices.vcpu_nanos_per_hour, size.vcpus) +
    scaledRate(prices.memory_gib_nanos_per_hour, size.memory_mib, MIB_PER_GIB) +
    scaledRate(prices.disk_gib_nanos_per_hour, size.disk_gib)
  );
}

/** "2 vCPU, 512 MiB, 10 GiB". */
export const sizeText = ({ vcpus, memory_mib, disk_gib }: Size): string =>
  `${vcpus} vCPU, ${memory_mib} MiB, ${disk_gib} GiB`;

export const minimumSize = (template: VmTemplate): Size => ({
  vcpus: template.min_vcpus,
  memory_mib: template.min_memory_mib,
  disk_gib: template.min_disk_gib,
});

/** The cheapest VM the host's images allow, whether or not it is free now. */
export function smallestRate(offer: Offer, templates: readonly VmTemplate[]): bigint | undefined {
  const rates = templates
    .filter((template) => offer.images.includes(template.image))
    .map((template) => estimatedRate(offer.prices, minimumSize(template)));
  return rates.reduce<bigint | undefined>(
    (least, rate) => (least === undefined || rate < least ? rate : least),
    undefined,
  );
}

/** What the reader has typed; numbers stay text until they are read. */
export interface Draft {
  name: string;
  templateId: string;
  vcpus: string;
  memoryMib: string;
  diskGib: string;
}

export function draftFor(template: VmTemplate, name: string): Draft {
  return {
    name,
    templateId: template.id,
    vcpus: String(template.min_vcpus),
    memoryMib: String(template.min_memory_mib),
    diskGib: String(template.min_disk_gib),
  };
}

/** Another template raises sizes that are too small for it, and leaves the others alone. */
export function withTemplate(draft: Draft, template: VmTemplate): Draft {
  const atLeast = (text: string, min: number) => (Number(text) >= min ? text : String(min));
  return {
    ...draft,
    templateId: template.id,
    vcpus: atLeast(draft.vcpus, template.min_vcpus),
    memoryMib: atLeast(draft.memoryMib, template.min_memory_mib),
    diskGib: atLeast(draft.diskGib, template.min_disk_gib),
  };
}

/** A size, or a part of one, and a template to begin with. */
export type Wish = { [key in keyof Size]?: Size[key] | undefined } & { template?: string | undefined };

/** A draft of the size that is wished for, as far as it is named. */
export const wishedDraft = (draft: Draft, wish: Wish): Draft => ({
  ...draft,
  vcpus: String(wish.vcpus ?? draft.vcpus),
  memoryMib: String(wish.memory_mib ?? draft.memoryMib),
  diskGib: String(wish.disk_gib ?? draft.diskGib),
});

export interface Bounds {
  min: number;
  max: number;
}

export type SizeBounds = Record<keyof Size, Bounds>;

/** From what the template needs to what the host has free. */
export function boundsOf(offer: Offer, template: VmTemplate): SizeBounds {
  return {
    vcpus: { min: template.min_vcpus, max: offer.free.vcpus },
    memory_mib: { min: template.min_memory_mib, max: offer.free.memory_mib },
    disk_gib: { min: template.min_disk_gib, max: offer.free.disk_gib },
  };
}

function readSize(text: string, { min, max }: Bounds): { value: number } | { error: string } {
  const value = Number(text);
  if (!/^\d+$/.test(text.trim())) return { error: 'Enter a whole number.' };
  if (value < min) return { error: `At least ${min}.` };
  return value > max ? { error: `At most ${max} is free.` } : { value };
}

export interface ReadDraft {
  size: Size | undefined;
  errors: Partial<Record<'name' | keyof Size, string>>;
}

const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export function readDraft(draft: Draft, bounds: SizeBounds): ReadDraft {
  const errors: ReadDraft['errors'] = {};
  if (!NAME.test(draft.name))
    errors.name = 'Use 1–63 lowercase letters, digits and hyphens; no hyphen at either end.';
  const read = {
    vcpus: readSize(draft.vcpus, bounds.vcpus),
    memory_mib: readSize(draft.memoryMib, bounds.memory_mib),
    disk_gib: readSize(draft.diskGib, bounds.disk_gib),
  };
  const size: Partial<Size> = {};
  for (const [key, result] of Object.entries(read) as [keyof Size, (typeof read)['vcpus']][]) {
    if ('error' in result) errors[key] = result.error;
    else size[key] = result.value;
  }
  const whole = size.vcpus !== undefined && size.memory_mib !== undefined && size.disk_gib !== undefined;
  return { size: whole ? (size as Size) : undefined, errors };
}

const SIZE_KEYS = ['vcpus', 'memory_mib', 'disk_gib'] as const;
const fits = (size: Size, free: Size): boolean => SIZE_KEYS.every((key) => size[key] <= free[key]);

/** The size that the reader has typed, whether or not it is free; undefined where a field holds no whole number. */
export function typedSize(draft: Draft): Size | undefined {
  const [vcpus, memory_mib, disk_gib] = [draft.vcpus, draft.memoryMib, draft.diskGib].map((text) =>
    /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN,
  ) as [number, number, number];
  const size = { vcpus, memory_mib, disk_gib };
  return SIZE_KEYS.some((key) => Number.isNaN(size[key])) ? undefined : size;
}

/** Whether a size that was free on this host is so no more. */
export const isTaken = (size: Size | undefined, free: Size, seenFree: Size): boolean =>
  size !== undefined && fits(size, seenFree) && !fits(size, free);

/** A machine that could be rented instead of the one asked for. */
export interface Alternative {
  hostId: string;
  hostName: string;
  size: Size;
  rateNanosPerHour: number | bigint;
}

/** What the server names as nearest. */
export function alternativeOf({ nearest }: ApiProblem): Alternative | undefined {
  if (!nearest) return undefined;
  const { hostId, hostName, vcpus, memoryMib: memory_mib, diskGib: disk_gib, rateNanosPerHour } = nearest;
  return { hostId, hostName, size: { vcpus, memory_mib, disk_gib }, rateNanosPerHour };
}

/** By what is known here: the same size on the cheapest other host, else the most of it that is free somewhere. */
export function nextBest(
  offers: readonly Offer[],
  template: VmTemplate,
  size: Size,
  nowMs: number,
): Alternative | undefined {
  const clipped = (free: Size): Size => ({
    vcpus: Math.min(size.vcpus, free.vcpus),
    memory_mib: Math.min(size.memory_mib, free.memory_mib),
    disk_gib: Math.min(size.disk_gib, free.disk_gib),
  });
  const missing = (has: Size) => SIZE_KEYS.reduce((sum, key) => sum + 1 - has[key] / size[key], 0);
  return offers
    .filter((offer) => blockedBy(offer, [template], nowMs) === undefined)
    .map((offer) => {
      const has = clipped(offer.free);
      return {
        hostId: offer.id,
        hostName: offer.name,
        size: has,
        rateNanosPerHour: estimatedRate(offer.prices, has),
        missing: missing(has),
      };
    })
    .sort((a, b) => a.missing - b.missing || (a.rateNanosPerHour < b.rateNanosPerHour ? -1 : 1))
    .map(({ missing: _, ...found }) => found)[0];
}

/** Whether a quote is for exactly what the form asks for now. */
export function answers(quote: Quote | undefined, request: QuoteRequest | null): boolean {
  return (
    quote !== undefined &&
    request !== null &&
    quote.template_id === request.template_id &&
    quote.host_id === request.host_id &&
    quote.vcpus === request.vcpus &&
    quote.memory_mib === request.memory_mib &&
    quote.disk_gib === request.disk_gib
  );
}

export const secondsLeft = (quote: Quote, nowMs: number): number =>
  Math.max(0, (Date.parse(quote.expires_at) - nowMs) / 1_000);

/** A name nobody has to think about: "tiny-k3f9". */
export function suggestName(base: string, random: () => number = Math.random): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  const tail = Array.from({ length: 4 }, () => letters[Math.floor(random() * letters.length)]).join('');
  const stem = base
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return `${stem || 'vm'}-${tail}`.slice(0, 63);
}

const ITEMS: Record<string, string> = { vcpu: 'vCPU', vcpus: 'vCPU', memory: 'Memory', disk: 'Disk' };

/** What a line of a quote is for. */
export const itemText = (item: string): string => ITEMS[item] ?? readable(item);

/** Memory is counted by the MiB and priced by the GiB. */
export const priceUnit = (unit: string): string => (unit === 'MiB' ? 'GiB' : unit);

const REFUSALS: Record<string, string> = {
  no_capacity: 'Not enough free capacity.',
  quote_expired: 'The quote has expired; a new one is below.',
  insufficient_funds: 'The balance does not cover the hold for this VM.',
};

export const refusalText = (problem: ApiProblem): string =>
  REFUSALS[problem.code] ?? 'The VM was not deployed.';

/** The server's messages beside the fields of the deploy bar. */
export const refusedFields = (problem: ApiProblem): Record<string, string> => messagesByField(problem);

const UNITS: Record<string, string> = { vcpus: 'vCPU', memory: 'MiB of memory', disk: 'GiB of disk' };

/** "Memory: 2 hosts rejected; 1 host fits with less": why nothing fits, and what to give way on. */
export function constraintText(constraint: Constraint): string {
  const { name, rejected, wouldMatch, needed, largestFree, largestOffered } = constraint;
  if (needed !== undefined && largestFree !== undefined) {
    const unit = UNITS[name] ?? readable(name);
    if (rejected > 1)
      return `${counted(rejected, 'host')} with at most ${largestFree} of ${needed} ${unit} free`;
    return `${largestFree} of ${largestOffered ?? needed} ${unit} free, ${needed} needed`;
  }
  const relax = wouldMatch > 0 ? `; ${counted(wouldMatch, 'host')} would fit without it` : '';
  return `${readable(name)}: ${counted(rejected, 'host')} rejected${relax}`;
}
