import { lazy } from 'react';

export const loadAddKeyForm = () =>
  import('./AddKeyForm').then(({ AddKeyForm: component }) => ({ default: component }));

/** Lazy, because a form library comes with it and few visits need it. */
export const AddKeyForm = lazy(loadAddKeyForm);
