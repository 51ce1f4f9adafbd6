import { Button } from './Button';

/** What this needs of an infinite query. */
export interface PageQuery {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

interface MorePagesProps {
  list: PageQuery;
  label: string;
}

/** The way to the next page of a list, below it. */
export function MorePages({ list, label }: MorePagesProps) {
  if (!list.hasNextPage) return null;
  return (
    <div className="border-t p-2 text-center">
      <Button size="sm" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
        {label}
      </Button>
    </div>
  );
}
