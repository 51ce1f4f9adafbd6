export { recheckIdentity, signOut } from './api';
export { NewPasswordField, newPasswordRule } from './fields';
export { explainFailure } from './model';
export { HOME } from './paths';
