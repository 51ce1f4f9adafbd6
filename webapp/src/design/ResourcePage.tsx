import type { ReactNode } from 'react';
import { asProblem } from '@/lib/problem';
import { type Loadable, LoadFailure } from './LoadFailure';
import { Page } from './Page';
import { EmptyState, Skeleton } from './states';

interface ResourcePageProps<T> {
  query: Loadable & { data: T | undefined };
  /** What it is: "VM". */
  noun: string;
  id: string;
  /** The way on when there is no such thing. */
  back: ReactNode;
  /** What the page is drawn in while there is nothing to show. */
  frame?: (page: { title: string; children: ReactNode }) => ReactNode;
  children: (data: T) => ReactNode;
}

/** The page of one resource: it, or that it is loading, that it failed to load, or that there is none. */
export function ResourcePage<T>(props: ResourcePageProps<T>) {
  const { query, noun, id, frame: Frame = Page } = props;
  const inSentence = noun === noun.toUpperCase() ? noun : noun.toLowerCase();
  if (query.data !== undefined) return props.children(query.data);
  if (query.isError && asProblem(query.error).status === 404) {
    return (
      <Frame title={`${noun} not found`}>
        <EmptyState action={props.back}>
          No {inSentence} has the id <code className="font-mono break-all">{id}</code>.
        </EmptyState>
      </Frame>
    );
  }
  return (
    <Frame title={noun}>
      {query.isError ? (
        <LoadFailure query={query} name={`The ${inSentence}`} />
      ) : (
        <div className="grid gap-4">
          <Skeleton className="h-24 w-full rounded-lg" />
          <Skeleton className="h-64 w-full rounded-lg" />
        </div>
      )}
    </Frame>
  );
}
