export { askWhoAgain, signOut } from './api';
export { explainFailure, PASSWORD_MIN_LENGTH } from './model';
export { HOME } from './paths';
export {
  confirmEmailRoute,
  forgotPasswordRoute,
  operatorSignInRoute,
  registerRoute,
  requireSession,
  resetPasswordRoute,
  signInRoute,
} from './routes';
