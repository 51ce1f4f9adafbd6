import { TriangleAlert } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { omitted } from '@/lib/omitted';

/** Says that a list is incomplete because records of it are damaged. */
export function OmittedNote() {
  const lists = useSyncExternalStore(omitted.subscribe, omitted.get);
  const count = [...lists.values()].reduce((sum, each) => sum + each, 0);
  return (
    <div role="status">
      {count > 0 && (
        <p className="flex items-center gap-2 border-b border-warn bg-warn-bg px-4 py-2 text-warn lg:px-6">
          <TriangleAlert aria-hidden size={14} className="shrink-0" />
          {count === 1
            ? 'One damaged record was left out of a list and logged for the operators.'
            : `${count} damaged records were left out of lists and logged for the operators.`}
        </p>
      )}
    </div>
  );
}
