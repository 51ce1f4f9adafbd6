/** Words for names that machines made: "final_settlement" reads "Final settlement" even when nobody listed it. */
export function readable(name: string): string {
  const words = name.replace(/[._-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
