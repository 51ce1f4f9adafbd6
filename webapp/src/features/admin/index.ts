export { ADMIN_PATHS, ADMIN_SECTIONS } from './sections';
