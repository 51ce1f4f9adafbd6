export { catalogRoute } from './routes';
