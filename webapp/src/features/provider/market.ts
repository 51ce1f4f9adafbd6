/** Where a machine's prices stand against those of the others. */

import { formatRate, percentAbove, shareBetween } from '@/lib/money';
import { counted } from '@/lib/quantity';
import type { Host, MarketItem } from '@/types/domain';

export interface PriceComparison {
  /** What is compared: "RTX 4090" or "vCPU". */
  what: string;
  rate: number;
  market: MarketItem;
  percent: number | null;
  share: number;
  middle: number;
}

export const marketFor = (
  market: readonly MarketItem[],
  item: MarketItem['item'],
  model: string | null = null,
): MarketItem | undefined => market.find((one) => one.item === item && (one.model ?? null) === model);

export function comparePrice(what: string, rate: number, market: MarketItem): PriceComparison {
  const { low_nanos_per_hour: low, median_nanos_per_hour: median, high_nanos_per_hour: high } = market;
  const least = Math.min(low, rate);
  const most = Math.max(high, rate);
  return {
    what,
    rate,
    market,
    percent: percentAbove(rate, median),
    share: shareBetween(rate, least, most),
    middle: shareBetween(median, least, most),
  };
}

/** By the GPU where the machine has one, since that is what it is chosen for; else by the vCPU. */
export function headlineComparison(
  host: Pick<Host, 'devices' | 'prices'>,
  market: readonly MarketItem[],
): PriceComparison | undefined {
  for (const { model } of host.devices) {
    const price = host.prices.gpus.find((gpu) => gpu.model === model);
    const others = marketFor(market, 'gpu', model);
    if (price && others) return comparePrice(model, price.nanos_per_hour, others);
  }
  const others = marketFor(market, 'vcpu');
  return others && comparePrice('vCPU', host.prices.vcpu_nanos_per_hour, others);
}

/** "12% above the median", "at the median", or that there is nobody to compare with. */
export function comparisonText({ percent, market }: Pick<PriceComparison, 'percent' | 'market'>): string {
  if (market.hosts < 2) return 'the only offer';
  if (percent === null) return 'the median is $0';
  if (percent === 0) return 'at the median';
  return `${Math.abs(percent)}% ${percent > 0 ? 'above' : 'below'} the median`;
}

export const marketText = ({ market }: Pick<PriceComparison, 'market'>): string =>
  `median ${formatRate(market.median_nanos_per_hour)}, ${formatRate(market.low_nanos_per_hour)}–${formatRate(
    market.high_nanos_per_hour,
  )} over ${counted(market.hosts, 'machine')}`;
