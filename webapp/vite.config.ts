import { fileURLToPath } from 'node:url';
import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const backend = process.env.SHAREMTC_API ?? 'http://127.0.0.1:8420';

export default defineConfig({
  plugins: [react(), tailwind()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2022',
    manifest: true,
    cssMinify: 'lightningcss',
    modulePreload: { polyfill: false },
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
