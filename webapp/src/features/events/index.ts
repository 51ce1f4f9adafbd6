export { EventTable } from './components/EventTable';
