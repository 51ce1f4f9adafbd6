import { DataTable, type DataTableProps } from './DataTable';
import { type Loadable, LoadFailure } from './LoadFailure';
import { MorePages, type PageQuery } from './MorePages';

interface PagedTableProps<T> extends DataTableProps<T> {
  /** The infinite query that the rows come from. */
  query: Loadable & PageQuery;
  /** The subject of its failure: "The ledger". */
  name: string;
  /** What leads to the next page: "Show older lines". */
  more: string;
  /** In a box of its own; without it, inside a section. */
  boxed?: boolean;
}

/** A list that is read page by page, as a table: why it is missing, its rows, and the way to the next page. */
export function PagedTable<T>({ query, name, more, boxed = false, ...table }: PagedTableProps<T>) {
  return (
    <div className={boxed ? 'grid gap-3' : 'contents'}>
      <LoadFailure query={query} name={name} className={boxed ? '' : 'm-3'} />
      {(table.rows || !query.isError) && (
        <div className={boxed ? 'rounded-lg border bg-surface' : 'contents'}>
          <DataTable {...table} hasMore={query.hasNextPage} />
          <MorePages list={query} label={more} />
        </div>
      )}
    </div>
  );
}
