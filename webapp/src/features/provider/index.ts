export { machinesQuery } from './api';
export { addMachineRoute, machineRoute, providerRoute } from './routes';
