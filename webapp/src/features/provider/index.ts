export { machinesQuery } from './api';
