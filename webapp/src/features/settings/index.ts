export { sshKeysQuery } from './api';
export { AddKeyForm } from './components/LazyAddKeyForm';
export { byLastUse } from './model';
export { settingsRoute } from './routes';
export { TAB_LABELS, TABS } from './search';
