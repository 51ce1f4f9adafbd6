export { ApiKeyList as default } from '../components/ApiKeyList';
