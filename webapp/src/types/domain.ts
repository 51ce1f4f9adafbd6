/** The words of the API, as the rest of the application uses them. Only this file looks into the generated types. */
import type { components, paths } from './api.gen';

type Schemas = components['schemas'];

export type ApiPaths = paths;
export type User = Schemas['UserView'];
export type TokenGrant = Schemas['TokenView'];
export type Preferences = Schemas['SettingsBody'];
export type SignIn = Schemas['SessionView'];
export type ApiKey = Schemas['ApiKeyView'];
export type ApiKeyRequest = Schemas['ApiKeyCreate'];
export type NewApiKey = Schemas['ApiKeyMade'];
export type Scope = Schemas['Scope'];
export type AuditRecord = Schemas['AuditView'];
export type AuditEvent = Schemas['AuditEvent'];
export type AuditVerdict = Schemas['AuditVerdict'];
export type SshKey = Schemas['SshKeyView'];
export type Offer = Schemas['OfferView'];
export type Host = Schemas['HostView'];
export type HostChange = Schemas['HostChange'];
export type HostAction = Schemas['HostAction'];
export type Device = Schemas['DeviceView'];
export type SelfTest = Schemas['SelfTestView'];
export type PriceBook = Schemas['PriceBookView'];
export type PriceBookRequest = Schemas['PriceBookCreate'];
export type MarketItem = Schemas['MarketItemView'];
export type Provider = Schemas['ProviderView'];
export type Rental = Schemas['HostedAllocationView'];
export type Earnings = Schemas['EarningsView'];
export type SupplyOverview = Schemas['OverviewView'];
export type EnrollmentCode = Schemas['EnrollmentCodeView'];
export type EnrollmentCodeRequest = Schemas['EnrollmentCodeCreate'];
export type EnrollmentState = Schemas['EnrollmentCodeStateView'];
export type PlatformStats = Schemas['StatsView'];
export type Risk = Schemas['RiskView'];
export type RiskKind = Schemas['RiskKind'];
export type RiskState = Schemas['RiskState'];
export type Severity = Schemas['Severity'];
export type OperatorRecord = Schemas['DecisionView'];
export type ProviderRow = Schemas['ProviderRow'];
export type ProviderDetail = Schemas['ProviderDetailView'];
export type ProviderTier = Schemas['ProviderTier'];
export type ProviderState = Schemas['ProviderState'];
export type ProviderChange = Schemas['ProviderChange'];
export type ProviderRequest = Schemas['ProviderCreate'];
export type HostDecision = Schemas['HostDecision'];
export type HostState = Schemas['HostState'];
export type StateReason = Schemas['StateReason'];
export type UnavailableReason = Schemas['UnavailableReason'];
export type MetricPoint = Schemas['PointView'];
export type MetricType = Schemas['MetricType'];
export type VmTemplate = Schemas['TemplateView'];
export type Quote = Schemas['QuoteView'];
export type QuoteRequest = Schemas['QuoteCreate'];
export type Vm = Schemas['VmView'];
export type VmRequest = Schemas['VmCreate'];
export type VmPhase = Schemas['PhaseView'];
export type ResourceEvent = Schemas['EventView'];
export type EventType = Schemas['EventType'];
export type EventReason = Schemas['EventReason'];
export type EventResource = Schemas['EventResource'];
export type EventData = NonNullable<ResourceEvent['data']>;
export type Balance = Schemas['BalanceView'];
export type LedgerItem = Schemas['TransactionView'];
export type TransactionKind = Schemas['TransactionKind'];
export type Accrual = Schemas['AccrualView'];

/** One page of a keyset list. */
export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}

export type VmStatus = Vm['status'];

/** What its owner can do to a VM. The last is for one whose host is silent. */
export const VM_ACTIONS = ['start', 'stop', 'reboot', 'terminate', 'declare_lost'] as const;
export type VmAction = (typeof VM_ACTIONS)[number];
