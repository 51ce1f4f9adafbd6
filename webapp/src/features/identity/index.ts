export { meQuery, signOut } from './api';
export { HOME } from './model';
export { registerRoute, requireSession, signInRoute } from './routes';
