import { setupServer } from 'msw/node';

/** Answers are added per test; there is no default world. */
export const server = setupServer();
