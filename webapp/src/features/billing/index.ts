export { accrualsQuery, balanceQuery } from './api';
export { Runway } from './components/Runway';
