// The page at /v1/docs: Swagger UI over /v1/openapi.json. An entry of its own, no part of the console.
import 'swagger-ui-dist/swagger-ui.css';
import './api-docs.css';
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import { showProblem } from './problems';
import { search } from './search';

const root = document.documentElement;
root.classList.toggle('dark-mode', root.dataset.theme === 'dark');

// A hash without a slash names a problem; Swagger UI would take it for one of its own.
const problem = /^#\w+$/.test(location.hash) ? location.hash : '';
if (problem) history.replaceState(null, '', location.pathname);

const ui = SwaggerUI({
  dom_id: '#api-docs',
  url: '/v1/openapi.json',
  validatorUrl: null,
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  showExtensions: true,
  plugins: [search],
  onComplete: () => showProblem(problem),
});

addEventListener('hashchange', () => showProblem(location.hash));
document.querySelector<HTMLInputElement>('#search')?.addEventListener('input', (event) => {
  ui.layoutActions.updateFilter((event.target as HTMLInputElement).value);
  requestAnimationFrame(() => document.querySelector('.opblock-tag-section')?.scrollIntoView());
});
