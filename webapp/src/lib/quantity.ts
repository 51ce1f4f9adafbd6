/** Sizes as people read them. */
const MIB_PER_GIB = 1_024;
const number = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 });

export const formatCount = (n: number): string => number.format(n);

/** "1 rental", "3 rentals". */
export const counted = (n: number, noun: string): string => `${formatCount(n)} ${noun}${n === 1 ? '' : 's'}`;

/** "512 MiB" below one GiB, else "1.5 GiB". */
export function formatMib(mib: number): string {
  if (mib < MIB_PER_GIB) return `${formatCount(Math.round(mib))} MiB`;
  return formatGib(toGib(mib));
}

export const toGib = (mib: number): number => mib / MIB_PER_GIB;

export const formatGib = (gib: number): string => `${formatCount(gib)} GiB`;

export const formatPercent = (percent: number): string => `${Math.round(percent)}%`;
