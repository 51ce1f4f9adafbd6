export { ChainVerdict } from './components/ChainVerdict';
export { HashCode } from './components/HashCode';
export { auditLabel, detailText } from './model';
