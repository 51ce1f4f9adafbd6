/** What went wrong, as the API says it (RFC 9457) or as the network made it. */
export interface FieldError {
  pointer: string;
  code: string;
  message: string;
}

export interface Constraint {
  name: string;
  rejected: number;
  /** How many hosts would fit if only this constraint were relaxed. */
  wouldMatch: number;
  /** Of a quantity: how much is needed, and the most that one of the hosts has free and offers. */
  needed?: number | undefined;
  largestFree?: number | undefined;
  largestOffered?: number | undefined;
}

/** What could be rented instead. */
export interface Nearest {
  hostId: string;
  hostName: string;
  vcpus: number;
  memoryMib: number;
  diskGib: number;
  rateNanosPerHour: number;
}

interface ProblemInit {
  status: number;
  code: string;
  title: string;
  detail?: string | undefined;
  requestId?: string | undefined;
  retryable?: boolean;
  retryAfterS?: number | undefined;
  errors?: FieldError[];
  constraints?: Constraint[];
  nearest?: Nearest | undefined;
  reason?: string | undefined;
}

/** Status 0 means that no answer came. */
export class ApiProblem extends Error {
  override name = 'ApiProblem';
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string | undefined;
  readonly requestId: string | undefined;
  readonly retryable: boolean;
  readonly retryAfterS: number | undefined;
  readonly errors: FieldError[];
  readonly constraints: Constraint[];
  readonly nearest: Nearest | undefined;
  /** Which of several causes of one code it was, where the API tells. */
  readonly reason: string | undefined;

  constructor(init: ProblemInit) {
    super(init.detail ?? init.title);
    this.status = init.status;
    this.code = init.code;
    this.title = init.title;
    this.detail = init.detail;
    this.requestId = init.requestId;
    this.retryable = init.retryable ?? (init.status === 0 || init.status >= 500);
    this.retryAfterS = init.retryAfterS;
    this.errors = init.errors ?? [];
    this.constraints = init.constraints ?? [];
    this.nearest = init.nearest;
    this.reason = init.reason;
  }

  /** Whether the server may have done the work although no answer says so. */
  get isUncertain(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const asText = (value: unknown): string | undefined =>
  typeof value === 'string' && value ? value : undefined;
const asNumber = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

function fieldErrors(value: unknown): FieldError[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).map((item) => ({
    pointer: asText(item.pointer) ?? '',
    code: asText(item.code) ?? 'invalid',
    message: asText(item.message) ?? 'This value is not accepted.',
  }));
}

function constraintList(value: unknown): Constraint[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).map((item) => ({
    name: asText(item.constraint) ?? 'unknown',
    rejected: Number(item.rejected) || 0,
    wouldMatch: Number(item.would_match) || 0,
    needed: asNumber(item.needed),
    largestFree: asNumber(item.largest_free),
    largestOffered: asNumber(item.largest_offered),
  }));
}

function nearestOf(value: unknown): Nearest | undefined {
  if (!isRecord(value)) return undefined;
  const hostId = asText(value.host_id);
  const [vcpus, memoryMib, diskGib, rate] = [
    value.vcpus,
    value.memory_mib,
    value.disk_gib,
    value.rate_nanos_per_hour,
  ].map(asNumber);
  if (!hostId || !vcpus || !memoryMib || !diskGib || rate === undefined) return undefined;
  const hostName = asText(value.host_name) ?? hostId;
  return { hostId, hostName, vcpus, memoryMib, diskGib, rateNanosPerHour: rate };
}

/** A problem from a response that is not a success. The body may be anything, a proxy's HTML page included. */
export async function problemFrom(response: Response): Promise<ApiProblem> {
  let body: Record<string, unknown> = {};
  try {
    const parsed: unknown = await response.json();
    if (isRecord(parsed)) body = parsed;
  } catch {
    // Not JSON: the status line is all there is.
  }
  const retryAfter = Number(response.headers.get('Retry-After'));
  return new ApiProblem({
    status: response.status,
    code: asText(body.code) ?? `http_${response.status}`,
    title:
      asText(body.title) ?? (response.statusText || `The server responded with status ${response.status}`),
    detail: asText(body.detail),
    requestId: asText(body.request_id) ?? response.headers.get('X-Request-Id') ?? undefined,
    retryable: typeof body.retryable === 'boolean' ? body.retryable : response.status >= 500,
    retryAfterS: retryAfter > 0 ? retryAfter : undefined,
    errors: fieldErrors(body.errors),
    constraints: constraintList(body.constraints),
    nearest: nearestOf(body.nearest),
    reason: asText(body.reason),
  });
}

/** A problem for a request that got no answer. */
export function networkProblem(cause: unknown): ApiProblem {
  const timedOut = cause instanceof DOMException && cause.name === 'TimeoutError';
  return new ApiProblem({
    status: 0,
    code: timedOut ? 'timeout' : 'unreachable',
    title: timedOut ? 'The server did not respond in time.' : 'The server cannot be reached.',
  });
}

export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  const title = error instanceof Error ? error.message : 'Something went wrong.';
  return new ApiProblem({ status: -1, code: 'unexpected', title, retryable: false });
}

/** First message per field of a body: "/email", "#/email" and "/body/email" all name `email`. */
export function messagesByField(problem: ApiProblem): Record<string, string> {
  const messages: Record<string, string> = {};
  for (const { pointer, message } of problem.errors) {
    const parts = pointer.replace(/^#/, '').split('/').filter(Boolean);
    const field = parts[0] === 'body' ? parts[1] : parts[0];
    if (field && !(field in messages)) messages[field] = message;
  }
  return messages;
}
