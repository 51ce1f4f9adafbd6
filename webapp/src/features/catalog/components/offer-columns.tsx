import { Button } from '@/design/Button';
import type { Column } from '@/design/DataTable';
import { Tick } from '@/design/Tick';
import {
  CapacityCell,
  gpuSummary,
  Heartbeat,
  HostStatus,
  isNew,
  LiveUse,
  Reliability,
  reliabilityOrder,
  Since,
  UnitPrices,
} from '@/features/hosts';
import { formatRate } from '@/lib/money';
import { toGib } from '@/lib/quantity';
import { serverNow } from '@/lib/time';
import type { Offer, VmTemplate } from '@/types/domain';
import { factsLine } from '../facts';
import { blockedBy, smallestRate } from '../model';

interface ChooseProps {
  offer: Offer;
  templates: readonly VmTemplate[] | undefined;
  selected: boolean;
  onChoose: (offer: Offer) => void;
}

function Choose({ offer, templates, selected, onChoose }: ChooseProps) {
  return (
    <Tick>
      {(now) => {
        const blocked = blockedBy(offer, templates, now);
        return blocked ? (
          <span className="block max-w-40 text-xs text-ink-3 md:text-right">
            {blocked} {offer.sale.since && <Since at={offer.sale.since} />}
          </span>
        ) : (
          <Button
            size="sm"
            tone={selected ? 'primary' : 'secondary'}
            aria-pressed={selected}
            aria-label={`Choose ${offer.name}`}
            onClick={() => onChoose(offer)}
          >
            Choose
          </Button>
        );
      }}
    </Tick>
  );
}

/** Hosts without a price sort behind all others. */
const UNPRICED = BigInt(Number.MAX_SAFE_INTEGER);

interface ColumnInput {
  templates: readonly VmTemplate[] | undefined;
  selectedId: string | undefined;
  onChoose: (offer: Offer) => void;
}

export function offerColumns({ templates, selectedId, onChoose }: ColumnInput): Column<Offer>[] {
  const smallest = (offer: Offer) => smallestRate(offer, templates ?? []);
  return [
    {
      id: 'status',
      header: 'Status',
      bare: true,
      sortBy: (offer) => offer.state,
      csv: (offer) => offer.state,
      // The age of what is known stands beside the state, at every width.
      cell: (offer) => (
        <span className="grid justify-items-start gap-0.5 text-xs">
          <HostStatus host={offer} />
          <Heartbeat at={offer.last_heartbeat_at} />
        </span>
      ),
    },
    {
      id: 'host',
      header: 'Host',
      bare: true,
      sortBy: (offer) => offer.name,
      csv: (offer) => offer.name,
      cell: (offer) => (
        <span className="grid min-w-28">
          <b className="font-semibold wrap-anywhere max-md:text-base">{offer.name}</b>
          <span className="text-xs text-ink-3">{offer.region}</span>
          <span className="text-xs text-ink-2">{factsLine(offer)}</span>
        </span>
      ),
    },
    {
      id: 'cpu',
      header: 'Processor',
      fromPx: 1280,
      sortBy: (offer) => offer.cpu_model,
      csv: (offer) => [offer.cpu_model, gpuSummary(offer.gpus)].filter(Boolean).join(', '),
      cell: (offer) => (
        <span className="grid min-w-32 max-md:text-right">
          <span className="line-clamp-2" title={offer.cpu_model}>
            {offer.cpu_model}
          </span>
          <span className="text-xs text-ink-3">{gpuSummary(offer.gpus) || 'no GPU'}</span>
        </span>
      ),
    },
    {
      id: 'vcpus',
      header: 'vCPU free',
      sortBy: (offer) => offer.free.vcpus,
      csv: (offer) => offer.free.vcpus,
      cell: (offer) => <CapacityCell what="vCPU" free={offer.free.vcpus} total={offer.sellable.vcpus} />,
    },
    {
      id: 'memory',
      header: 'Memory free',
      sortBy: (offer) => offer.free.memory_mib,
      csvHeader: 'memory_free_mib',
      csv: (offer) => offer.free.memory_mib,
      cell: (offer) => (
        <CapacityCell
          what="Memory"
          free={toGib(offer.free.memory_mib)}
          total={toGib(offer.sellable.memory_mib)}
          unit="GiB"
        />
      ),
    },
    {
      id: 'disk',
      header: 'Disk free',
      fromPx: 1200,
      sortBy: (offer) => offer.free.disk_gib,
      csvHeader: 'disk_free_gib',
      csv: (offer) => offer.free.disk_gib,
      cell: (offer) => (
        <CapacityCell what="Disk" free={offer.free.disk_gib} total={offer.sellable.disk_gib} unit="GiB" />
      ),
    },
    {
      id: 'reliability',
      header: 'Reliability',
      sortBy: (offer) => reliabilityOrder(offer, serverNow()),
      csvHeader: 'reliability_score_percent',
      csv: (offer) => (isNew(offer, serverNow()) ? null : offer.reliability?.score_percent),
      cell: (offer) => <Reliability host={offer} className="max-md:justify-items-end" />,
    },
    { id: 'use', header: 'In use now', fromPx: 1400, cell: (offer) => <LiveUse figures={offer.figures} /> },
    {
      id: 'price',
      header: 'Smallest VM',
      align: 'right',
      sortBy: (offer) => smallest(offer) ?? UNPRICED,
      csvHeader: 'smallest_vm_nanos_per_hour',
      csv: (offer) => smallest(offer),
      nanos: smallest,
      cell: (offer, places) => {
        const rate = smallest(offer);
        return (
          <span className="grid justify-items-end">
            <b className="text-base font-semibold">
              {rate === undefined ? '—' : `≈${formatRate(rate, places)}`}
              {rate !== undefined && <span className="text-2xs font-normal text-ink-3">/hr</span>}
            </b>
            <UnitPrices prices={offer.prices} />
          </span>
        );
      },
    },
    {
      id: 'choose',
      header: 'Deploy',
      bare: true,
      align: 'right',
      stickyEnd: true,
      className: 'max-md:justify-end',
      cell: (offer) => (
        <Choose offer={offer} templates={templates} selected={offer.id === selectedId} onChoose={onChoose} />
      ),
    },
  ];
}
