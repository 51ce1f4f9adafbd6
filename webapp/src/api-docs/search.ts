// Swagger UI's own filter knows groups and paths only; this one searches the operations' texts too.
import type { Plugin } from 'swagger-ui-dist/swagger-ui-es-bundle.js';

/** An operation as Swagger UI holds it: an Immutable map. */
export interface ListedOperation {
  get(name: 'path' | 'method'): string;
  getIn(path: ['operation', 'summary' | 'description' | 'operationId']): string | undefined;
}

/** True when every word of the phrase is somewhere in the operation's method, path, id or text. */
export function matches(operation: ListedOperation, phrase: string): boolean {
  const text = [
    operation.get('method'),
    operation.get('path'),
    operation.getIn(['operation', 'operationId']),
    operation.getIn(['operation', 'summary']),
    operation.getIn(['operation', 'description']),
  ]
    .join(' ')
    .toLowerCase();
  return phrase
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

interface List<T> {
  filter(keep: (item: T) => boolean): List<T>;
  readonly size: number;
}

interface Group {
  get(name: 'operations'): List<ListedOperation>;
  set(name: 'operations', operations: List<ListedOperation>): Group;
}

interface Groups {
  map(change: (group: Group) => Group): Groups;
  filter(keep: (group: Group) => boolean): Groups;
}

function filterOperations(groups: Groups, phrase: string): Groups {
  return groups
    .map((group) =>
      group.set(
        'operations',
        group.get('operations').filter((one) => matches(one, phrase)),
      ),
    )
    .filter((group) => group.get('operations').size > 0);
}

export function search(): Plugin {
  return { fn: { opsFilter: filterOperations } };
}
