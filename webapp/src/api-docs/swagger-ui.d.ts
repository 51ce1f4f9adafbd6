// What this page uses of swagger-ui-dist, which comes without types.
declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  export interface Plugin {
    fn: Record<string, unknown>;
  }
  interface Options {
    dom_id: string;
    url: string;
    validatorUrl: null;
    deepLinking: boolean;
    docExpansion: 'list';
    defaultModelsExpandDepth: number;
    displayRequestDuration: boolean;
    showExtensions: boolean;
    plugins: (() => Plugin)[];
    onComplete: () => void;
  }
  export default function SwaggerUI(options: Options): {
    layoutActions: { updateFilter(phrase: string): void };
  };
}
