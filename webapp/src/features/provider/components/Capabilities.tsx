import { Section } from '@/design/Page';
import { StatusChip } from '@/design/StatusChip';
import type { Host } from '@/types/domain';

const NAMES: Record<Host['capabilities'][number]['name'], string> = {
  vm: 'Virtual machines',
  container: 'Containers',
  kubernetes: 'Kubernetes',
  gpu: 'GPUs',
  egress: 'Internet access',
};

/** What the machine can do, as it tried. */
export function Capabilities({ host }: { host: Host }) {
  if (host.capabilities.length === 0) return null;
  return (
    <Section title="Capabilities" flush>
      <ul>
        {host.capabilities.map(({ name, available, detail }) => (
          <li
            key={name}
            className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b px-3 py-2 last:border-b-0"
          >
            <StatusChip tone={available ? 'ok' : 'idle'} label={available ? 'Available' : 'Not available'} />
            <span className="font-medium">{NAMES[name]}</span>
            <span className="min-w-0 break-words text-ink-2">{detail}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
