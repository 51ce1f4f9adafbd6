export { useChosenPreferences, usePreferences } from './use-preferences';
