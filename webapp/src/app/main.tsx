import '@/design/app.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { followSystem } from '@/lib/appearance';
import { createQueries } from './queries';
import { createAppRouter } from './router';
import { followSession } from './session-bridge';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

followSystem();
const queries = createQueries();
const router = createAppRouter(queries);
followSession(router, queries);

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
