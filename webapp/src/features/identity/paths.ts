/** Where signing in leads. Apart from the forms' words, which first load does without. */
export const HOME = '/catalog';
export const OPERATOR_HOME = '/admin/overview';
