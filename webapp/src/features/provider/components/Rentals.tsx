import { useInfiniteQuery } from '@tanstack/react-query';
import type { Column } from '@/design/DataTable';
import { Section } from '@/design/Page';
import { PagedTable } from '@/design/PagedTable';
import { StatusChip, type Tone } from '@/design/StatusChip';
import { formatMicros, formatRate, toNanos } from '@/lib/money';
import { useItems } from '@/lib/pages';
import { formatCount, formatMib } from '@/lib/quantity';
import { formatDay } from '@/lib/time';
import { readable } from '@/lib/words';
import type { Rental } from '@/types/domain';
import { rentalsQuery } from '../api';

const TONES: Partial<Record<Rental['state'], Tone>> = {
  reserved: 'wait',
  provisioning: 'wait',
  active: 'ok',
  terminating: 'wait',
  failed: 'bad',
  lost: 'bad',
};

const rateOf = (rental: Rental) =>
  rental.state === 'stopped' ? rental.stopped_rate_nanos_per_hour : rental.running_rate_nanos_per_hour;

const columns: Column<Rental>[] = [
  {
    id: 'state',
    header: 'Status',
    bare: true,
    cell: ({ state }) => <StatusChip tone={TONES[state] ?? 'idle'} label={readable(state)} />,
  },
  {
    id: 'size',
    header: 'Size',
    className: 'whitespace-nowrap',
    cell: (rental) =>
      `${rental.vcpus} vCPU · ${formatMib(rental.memory_mib)} · ${formatCount(rental.disk_gib)} GiB`,
  },
  {
    id: 'since',
    header: 'Since',
    className: 'whitespace-nowrap',
    cell: (rental) => formatDay(rental.created_at),
  },
  {
    id: 'until',
    header: 'Until',
    className: 'whitespace-nowrap text-ink-2',
    cell: ({ ended_at }) => (ended_at ? formatDay(ended_at) : 'ongoing'),
  },
  {
    id: 'rate',
    header: 'Renter pays, $/hr',
    align: 'right',
    nanos: rateOf,
    cell: (rental, places) => formatRate(rateOf(rental), places),
  },
  {
    id: 'earned',
    header: 'Earned',
    align: 'right',
    className: 'font-medium',
    nanos: (rental) => toNanos(rental.earned_micros),
    cell: (rental, places) => formatMicros(rental.earned_micros, places),
  },
  {
    id: 'id',
    header: 'Allocation',
    fromPx: 1200,
    className: 'font-mono text-xs',
    cell: (rental) => rental.id,
  },
];

/** What the machine carries and carried, newest first; who rents is not told. */
export function Rentals({ hostId }: { hostId: string }) {
  const rentals = useInfiniteQuery(rentalsQuery(hostId));
  const rows = useItems(rentals);
  return (
    <Section title="Rentals" flush>
      <PagedTable
        query={rentals}
        name="The rentals"
        more="Show older rentals"
        label="Rentals"
        columns={columns}
        rows={rows}
        rowKey={(rental) => rental.id}
        skeletonRows={1}
        empty={<p className="p-3 text-ink-2">No rentals yet.</p>}
      />
    </Section>
  );
}
