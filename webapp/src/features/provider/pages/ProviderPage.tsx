import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/design/Button';
import { DataTable } from '@/design/DataTable';
import { Page } from '@/design/Page';
import { AsOf, EmptyState, ErrorNote } from '@/design/states';
import { MACHINES_INTERVAL_MS, machinesQuery } from '../api';
import { AddMachine } from '../components/AddMachine';
import { machineColumns } from '../components/machine-columns';

export function ProviderPage() {
  const machines = useQuery(machinesQuery);
  const [adding, setAdding] = useState(false);
  const [sort, setSort] = useState<string>('host');
  const rows = machines.data?.items;
  const addButton = (
    <Button tone="primary" disabled={!rows} onClick={() => setAdding(true)}>
      <Plus aria-hidden size={14} />
      Add machine
    </Button>
  );
  return (
    <Page
      title="Provider"
      summary="Machines you share, what is free on them, and what they ask."
      aside={
        <>
          <AsOf at={machines.dataUpdatedAt} intervalMs={MACHINES_INTERVAL_MS} />
          {!adding && rows?.length !== 0 && addButton}
        </>
      }
    >
      {adding && rows && (
        <AddMachine knownIds={new Set(rows.map(({ id }) => id))} onClose={() => setAdding(false)} />
      )}
      {machines.isError && (
        <ErrorNote
          className="mb-3"
          what={rows ? 'Your machines could not be updated.' : 'Your machines did not load.'}
          error={machines.error}
          onRetry={() => void machines.refetch()}
        />
      )}
      {(rows || !machines.isError) && (
        <div className="rounded-lg border bg-surface">
          <DataTable
            label="Machines"
            columns={machineColumns}
            rows={rows}
            rowKey={(host) => host.id}
            sort={sort}
            onSort={setSort}
            empty={
              <EmptyState action={!adding && addButton}>
                You share no machine yet. One command on a Linux machine puts its spare capacity in the
                catalog.
              </EmptyState>
            }
          />
        </div>
      )}
    </Page>
  );
}
