export { ACTIONS, validActions } from './actions';
export { adoptVm, onVmEvents, pollEvents, vmsQuery } from './api';
