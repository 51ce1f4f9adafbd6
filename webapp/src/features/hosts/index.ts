export { Heartbeat } from './components/Heartbeat';
export { HostFiguresCell, LiveUse, UnitPrices } from './components/HostFigures';
export { HostStatus } from './components/HostStatus';
export { freshness, hostLook } from './model';
