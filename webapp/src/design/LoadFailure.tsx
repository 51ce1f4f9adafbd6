import { ErrorNote } from './states';

/** What this needs of a query. */
export interface Loadable {
  data: unknown;
  error: unknown;
  isError: boolean;
  refetch: () => unknown;
}

interface LoadFailureProps {
  query: Loadable;
  /** The subject of the sentence: "The ledger", "Your keys". */
  name: string;
  className?: string;
}

/** Why a query's data is missing or old. Data that was read before stays on the page. */
export function LoadFailure({ query, name, className }: LoadFailureProps) {
  if (!query.isError) return null;
  return (
    <ErrorNote
      {...(className ? { className } : {})}
      what={`${name} could not be ${query.data === undefined ? 'loaded' : 'updated'}.`}
      error={query.error}
      onRetry={() => void query.refetch()}
    />
  );
}
