export { Heartbeat } from './components/Heartbeat';
export { CapacityCell, LiveUse, UnitPrices } from './components/HostFigures';
export { HostStatus } from './components/HostStatus';
export { Reliability } from './components/Reliability';
export { Since } from './components/Since';
export { freshness, gpuSummary, hostLook, reasonText, stateLook, stateReasonText } from './model';
export { isNew, reliabilityLook, reliabilityOrder, reliabilityText } from './reliability';

/** A dialog for a maintenance window; lazy, because few visits set one. */
export const loadMaintenanceDialog = () => import('./components/MaintenanceDialog');
