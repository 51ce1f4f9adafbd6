export { AuditTrail as default } from '../components/AuditTrail';
