export { addMachineRoute, machineRoute, providerRoute } from './routes';
