import { mutationOptions, type QueryClient, queryOptions } from '@tanstack/react-query';
import { http, idempotencyKey, ifMatch, unwrap } from '@/lib/http';
import { onceEach } from '@/lib/idempotency';
import { listQuery } from '@/lib/pages';
import type { TimeWindow } from '@/lib/range';
import type {
  Host,
  HostDecision,
  MetricType,
  ProviderChange,
  ProviderDetail,
  ProviderRequest,
  Risk,
} from '@/types/domain';
import type { AuditSearch, ProvidersSearch, RisksSearch } from './search';

export const STATS_INTERVAL_MS = 15_000;
export const LIST_INTERVAL_MS = 30_000;
export const DETAIL_INTERVAL_MS = 15_000;
const PAGE_SIZE = 100;

export const statsQuery = queryOptions({
  queryKey: ['admin', 'stats'],
  queryFn: ({ signal }) => unwrap(http.GET('/v1/admin/stats', { signal })),
  refetchInterval: STATS_INTERVAL_MS,
});

export const providersQuery = ({ q, tier, state }: ProvidersSearch) =>
  listQuery({
    queryKey: ['admin', 'providers', 'list', { q, tier, state }],
    read: (from, signal) =>
      unwrap(
        http.GET('/v1/admin/providers/', {
          params: {
            query: {
              limit: PAGE_SIZE,
              ...from,
              ...(q ? { search: q } : {}),
              ...(tier ? { tier } : {}),
              ...(state ? { state } : {}),
            },
          },
          signal,
        }),
      ),
    refetchInterval: LIST_INTERVAL_MS,
  });

const oneProvider = (id: string) => ['admin', 'providers', 'one', id] as const;

export const providerQuery = (id: string) =>
  queryOptions({
    queryKey: oneProvider(id),
    queryFn: ({ signal }) =>
      unwrap(
        http.GET('/v1/admin/providers/{provider_id}', { params: { path: { provider_id: id } }, signal }),
      ),
    refetchInterval: DETAIL_INTERVAL_MS,
  });

export const providerMetricQuery = (id: string, metric: MetricType, { fromMs, toMs }: TimeWindow) =>
  queryOptions({
    queryKey: ['admin', 'providers', 'metrics', id, metric, fromMs, toMs],
    queryFn: ({ signal }) =>
      unwrap(
        http.GET('/v1/admin/providers/{provider_id}/metrics', {
          params: {
            path: { provider_id: id },
            query: {
              metric_type: metric,
              from: new Date(fromMs).toISOString(),
              to: new Date(toMs).toISOString(),
            },
          },
          signal,
        }),
      ),
    placeholderData: (before) => before,
  });

export const risksQuery = ({ state, severity, kind }: RisksSearch) =>
  listQuery({
    queryKey: ['admin', 'risks', { state, severity, kind }],
    read: (from, signal) =>
      unwrap(
        http.GET('/v1/admin/risks', {
          params: {
            query: {
              limit: PAGE_SIZE,
              ...from,
              ...(state ? { state } : {}),
              ...(severity ? { severity } : {}),
              ...(kind ? { kind } : {}),
            },
          },
          signal,
        }),
      ),
    refetchInterval: LIST_INTERVAL_MS,
  });

export const auditLogQuery = ({ resource, operator }: AuditSearch) =>
  listQuery({
    queryKey: ['admin', 'audit', { resource, operator }],
    read: (from, signal) =>
      unwrap(
        http.GET('/v1/admin/audit', {
          params: {
            query: {
              limit: PAGE_SIZE,
              ...from,
              ...(resource ? { resource_id: resource } : {}),
              ...(operator ? { operator_id: operator } : {}),
            },
          },
          signal,
        }),
      ),
  });

export const auditVerdictQuery = queryOptions({
  queryKey: ['admin', 'audit', 'verdict'],
  queryFn: ({ signal }) => unwrap(http.GET('/v1/admin/audit/verify', { signal })),
});

/** After an action the figures, the lists and the audit log are out of date. */
const invalidateAdmin = (client: QueryClient) => client.invalidateQueries({ queryKey: ['admin'] });

interface ProviderDecision {
  provider: Pick<ProviderDetail, 'id' | 'version'>;
  change: ProviderChange;
}

/** Refused with 412 when the provider is not as the caller saw it; the newest is fetched then. */
export const changeProviderMutation = mutationOptions({
  mutationFn: ({ provider, change }: ProviderDecision) =>
    unwrap(
      http.PATCH('/v1/admin/providers/{provider_id}', {
        params: { path: { provider_id: provider.id } },
        body: change,
        headers: ifMatch(provider),
      }),
    ),
  onSuccess: (provider, _input, _result, { client }) =>
    client.setQueryData(oneProvider(provider.id), provider),
  onSettled: (_provider, _error, _input, _result, { client }) => invalidateAdmin(client),
});

interface HostAction {
  host: Pick<Host, 'id' | 'version'>;
  decision: HostDecision;
}

export const decideHostMutation = mutationOptions({
  mutationFn: ({ host, decision }: HostAction) =>
    unwrap(
      http.PATCH('/v1/admin/hosts/{host_id}', {
        params: { path: { host_id: host.id } },
        body: decision,
        headers: ifMatch(host),
      }),
    ),
  onSettled: (_host, _error, _input, _result, { client }) => invalidateAdmin(client),
});

interface HostLoss {
  hostId: string;
  reason: string;
}

export const declareHostLostMutation = mutationOptions({
  mutationFn: ({ hostId, reason }: HostLoss) =>
    unwrap(
      http.POST('/v1/admin/hosts/{host_id}/declare-lost', {
        params: { path: { host_id: hostId } },
        body: { reason },
      }),
    ),
  onSettled: (_host, _error, _input, _result, { client }) => invalidateAdmin(client),
});

const sendProvider = onceEach((body: ProviderRequest, key) =>
  unwrap(http.POST('/v1/admin/providers/', { body, headers: idempotencyKey(key) })),
);

export const createProviderMutation = mutationOptions({
  mutationFn: (body: ProviderRequest) => sendProvider(body),
  onSuccess: (_provider, _body, _result, { client }) => invalidateAdmin(client),
});

interface Acknowledgement {
  risk: Pick<Risk, 'id' | 'version'>;
  note: string;
}

export const acknowledgeMutation = mutationOptions({
  mutationFn: ({ risk, note }: Acknowledgement) =>
    unwrap(
      http.POST('/v1/admin/risks/{risk_id}/acknowledge', {
        params: { path: { risk_id: risk.id } },
        body: { note },
        headers: ifMatch(risk),
      }),
    ),
  onSettled: (_risk, _error, _input, _result, { client }) => invalidateAdmin(client),
});

const sendEnrollmentCode = onceEach((body: { provider_id?: string }, key) =>
  unwrap(http.POST('/v1/admin/agent/enrollment-codes', { body, headers: idempotencyKey(key) })),
);

export const enrollmentCodeMutation = mutationOptions({
  mutationFn: (providerId: string) => sendEnrollmentCode(providerId ? { provider_id: providerId } : {}),
  onSuccess: (_command, _id, _result, { client }) => invalidateAdmin(client),
});
