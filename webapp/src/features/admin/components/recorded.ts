/** An act that was just done: its line in the log is looked for from this time on. */
export interface Recorded {
  resourceId: string;
  sinceMs: number;
}

/** The server's clock is known to a few seconds. */
export const SLACK_MS = 3_000;
