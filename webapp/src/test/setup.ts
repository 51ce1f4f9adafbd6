import '@testing-library/jest-dom/vitest';
import { cleanup, configure } from '@testing-library/react';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { server } from './server';

// The first visit of a lazy page compiles it; on a busy machine that takes longer than the library's second.
configure({ asyncUtilTimeout: 8_000 });

// An answer nobody wrote is a test that does not test what it says.
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => {
  cleanup();
  server.resetHandlers();
  localStorage.clear();
});
afterAll(() => server.close());
