/** Sizes as people read them. */
const number = new Intl.NumberFormat('en-GB');

export const formatCount = (n: number): string => number.format(n);

/** "512 MiB" below one GiB, else "1.5 GiB". */
export function formatMib(mib: number): string {
  if (mib < 1_024) return `${formatCount(Math.round(mib))} MiB`;
  const gib = mib / 1_024;
  return `${Number.isInteger(gib) ? formatCount(gib) : gib.toFixed(1)} GiB`;
}

export const formatGib = (gib: number): string =>
  `${Number.isInteger(gib) ? formatCount(gib) : gib.toFixed(1)} GiB`;

export const formatPercent = (percent: number): string => `${Math.round(percent)}%`;
