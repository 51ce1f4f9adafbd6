import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const backend = process.env.SHAREMTC_API ?? 'http://127.0.0.1:8420';

// A deployment to AWS serves the built folder alone, the description of the API with it.
const apiDescription: Plugin = {
  name: 'api-description',
  generateBundle() {
    const source = readFileSync(new URL('../infrastructure/openapi.json', import.meta.url));
    this.emitFile({ type: 'asset', fileName: 'v1/openapi.json', source });
  },
};

export default defineConfig({
  plugins: [react(), tailwind(), apiDescription],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2022',
    manifest: true,
    cssMinify: 'lightningcss',
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: ['index.html', 'api-docs.html'],
      output: {
        codeSplitting: {
          // Modules that pages share, in one chunk instead of a dozen of 0.3 KB each.
          includeDependenciesRecursively: false,
          groups: [
            { name: 'hosts', test: /src\/features\/hosts\/(?!components\/MaintenanceDialog|maintenance)/ },
            {
              name: 'parts',
              test: /src\/design\/(LoadFailure|Meter|MorePages|ResourcePage|RouteTabs|ShareCell|StatusChip|Tick|Tile)\./,
            },
          ],
        },
      },
    },
  },
  server: { proxy: { '/v1': { target: backend, changeOrigin: false } } },
  test: {
    // Processes, not threads: broadcast channels reach over threads, and one file's sign-out would reach another's pages.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    restoreMocks: true,
    // Pure rules need no document, and a document costs a second per file.
    projects: [
      {
        extends: true,
        test: {
          name: 'rules',
          environment: 'node',
          include: ['src/**/*.test.ts'],
          exclude: ['src/**/*.dom.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'pages',
          environment: 'happy-dom',
          environmentOptions: { happyDOM: { url: 'http://localhost:3000/' } },
          setupFiles: ['./src/test/setup.ts'],
          include: ['src/**/*.test.tsx', 'src/**/*.dom.test.ts'],
        },
      },
    ],
  },
});
