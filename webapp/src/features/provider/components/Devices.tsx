import { type Column, DataTable } from '@/design/DataTable';
import { Section } from '@/design/Page';
import { StatusChip, type Tone } from '@/design/StatusChip';
import { noValue } from '@/design/states';
import { formatMib } from '@/lib/quantity';
import type { Device, Host } from '@/types/domain';

const STATES: Record<Device['state'], { tone: Tone; label: string }> = {
  free: { tone: 'ok', label: 'Free' },
  leased: { tone: 'idle', label: 'Leased' },
  withheld: { tone: 'bad', label: 'Withheld' },
  not_offered: { tone: 'warn', label: 'Not offered' },
};

/** A GPU that shares the machine's memory has noValue of its own. */
const vram = ({ vram_mib }: Device) => (vram_mib === null ? 'shared' : formatMib(vram_mib));

const columns: Column<Device>[] = [
  {
    id: 'state',
    header: 'Status',
    bare: true,
    cell: (device) => <StatusChip {...STATES[device.state]} />,
  },
  { id: 'model', header: 'Model', className: 'font-medium', cell: (device) => device.model },
  { id: 'vram', header: 'VRAM', align: 'right', cell: (device) => vram(device) },
  { id: 'driver', header: 'Driver', cell: (device) => device.driver_version || noValue },
  { id: 'cuda', header: 'CUDA', cell: (device) => device.cuda_version || noValue },
  { id: 'mig', header: 'MIG', cell: (device) => (device.mig ? 'partitioned, not offered' : 'off') },
  { id: 'uuid', header: 'UUID', className: 'font-mono text-xs break-all', cell: (device) => device.uuid },
];

/** The GPUs of a machine, each by its UUID. */
export function Devices({ host }: { host: Host }) {
  return (
    <Section title="Devices" flush>
      <DataTable
        label="Devices"
        columns={columns}
        rows={host.devices}
        rowKey={(device) => device.uuid}
        empty={<p className="p-3 text-ink-2">No GPUs found{host.gpu_note ? `: ${host.gpu_note}` : ''}.</p>}
      />
    </Section>
  );
}
