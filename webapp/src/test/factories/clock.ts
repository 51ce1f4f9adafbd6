export const NOW = Date.parse('2026-03-01T12:00:00Z');
export const at = (offsetMs = 0): string => new Date(NOW + offsetMs).toISOString();
