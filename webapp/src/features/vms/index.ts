export { adoptVm, onVmEvents, pollEvents, vmsQuery } from './api';
export { ACTIONS, validActions } from './model';
export { vmRoute, vmsRoute } from './routes';
