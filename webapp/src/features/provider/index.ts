export { providerRoute } from './routes';
