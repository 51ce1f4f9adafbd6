export { sshKeysQuery } from './api';
export { AddKeyForm } from './components/LazyAddKeyForm';
export { byLastUse } from './model';
export { TABS } from './search';
