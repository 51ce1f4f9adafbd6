import { lazy } from 'react';

export { sshKeysQuery } from './api';
export { byLastUse } from './model';
export { settingsRoute } from './routes';

/** Lazy, because a form library comes with it and few visits need it. */
export const AddKeyForm = lazy(() =>
  import('./components/AddKeyForm').then(({ AddKeyForm: component }) => ({ default: component })),
);
