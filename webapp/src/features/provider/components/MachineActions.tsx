import { useMutation } from '@tanstack/react-query';
import { CalendarClock, CalendarX, Ellipsis, Pause, Play, Power } from 'lucide-react';
import { Suspense, useState } from 'react';
import { Button } from '@/design/Button';
import { ChangeFailure } from '@/design/ChangeFailure';
import { MenuButton } from '@/design/MenuButton';
import { loadMaintenanceDialog } from '@/features/hosts';
import { typedName } from '@/lib/confirmation';
import { useConnection, useLocked } from '@/lib/hooks';
import { lazyPart } from '@/lib/lazy-part';
import type { Host, HostAction, HostChange } from '@/types/domain';
import { changeMachineMutation, MACHINE_INTERVAL_MS, machineActionMutation } from '../api';

const MaintenanceDialog = lazyPart(loadMaintenanceDialog);
const ConfirmDialog = lazyPart(() => import('@/design/ConfirmDialog'));

interface MachineActionsProps {
  host: Host;
  updatedAt: number;
}

type Asking = 'maintenance' | 'drain' | 'retire' | null;

/** The actions that the server allows now. */
export function MachineActions({ host, updatedAt }: MachineActionsProps) {
  const change = useMutation(changeMachineMutation);
  const act = useMutation(machineActionMutation);
  const [asking, setAsking] = useState<Asking>(null);
  const offline = useConnection() === 'offline';
  const may = (action: HostAction) => host.actions.includes(action);
  const send = (what: HostChange) => {
    act.reset();
    change.mutate({ host, change: what }, { onSuccess: () => setAsking(null) });
  };
  const close = () => {
    change.reset();
    act.reset();
    setAsking(null);
  };
  const locked = useLocked(updatedAt, MACHINE_INTERVAL_MS) || change.isPending || act.isPending;
  const working = (what: keyof HostChange) => change.isPending && what in change.variables.change;
  return (
    <>
      {may('drain') && (
        <Button disabled={locked} busy={working('draining')} onClick={() => setAsking('drain')}>
          <Pause aria-hidden size={14} />
          Drain
        </Button>
      )}
      {may('resume') && (
        <Button
          tone="primary"
          disabled={locked}
          busy={working('draining')}
          onClick={() => send({ draining: false })}
        >
          <Play aria-hidden size={14} />
          Resume
        </Button>
      )}
      {may('set_maintenance') && (
        <Button
          disabled={locked}
          onPointerEnter={() => void MaintenanceDialog.preload()}
          onFocus={() => void MaintenanceDialog.preload()}
          onClick={() => setAsking('maintenance')}
        >
          <CalendarClock aria-hidden size={14} />
          Maintenance
        </Button>
      )}
      {may('end_maintenance') && (
        <Button disabled={locked} busy={working('maintenance')} onClick={() => send({ maintenance: null })}>
          <CalendarX aria-hidden size={14} />
          End maintenance
        </Button>
      )}
      {may('retire') && (
        <MenuButton
          tone="ghost"
          size="icon"
          menuLabel={`More for ${host.name}`}
          aria-label={`More actions for ${host.name}`}
          disabled={locked}
          items={[{ label: 'Retire', icon: Power, danger: true, onSelect: () => setAsking('retire') }]}
        >
          <Ellipsis aria-hidden size={14} />
        </MenuButton>
      )}
      {!asking && change.error && (
        <ChangeFailure className="basis-full" what="The change was not saved." error={change.error} />
      )}
      <Suspense>
        {asking === 'maintenance' && (
          <MaintenanceDialog
            host={host}
            busy={change.isPending}
            disabled={offline}
            error={change.error}
            onSave={(maintenance) => send({ maintenance })}
            onClose={close}
          />
        )}
        {asking === 'drain' && (
          <ConfirmDialog
            title={`Drain ${host.name}?`}
            description={
              <p className="text-ink-2">
                No new workloads are placed on it until you resume it. Running workloads continue and stay
                billed.
              </p>
            }
            action={`Drain ${host.name}`}
            typeToConfirm={typedName('interruption', host.name)}
            busy={change.isPending}
            disabled={offline}
            error={change.error}
            onConfirm={() => send({ draining: true })}
            onClose={close}
          />
        )}
        {asking === 'retire' && (
          <ConfirmDialog
            title={`Retire ${host.name}?`}
            description={
              <p className="text-ink-2">
                It leaves the market permanently and its key is rejected. You keep its earnings. To offer it
                again, enroll it as a new machine.
              </p>
            }
            action={`Retire ${host.name}`}
            danger
            typeToConfirm={typedName('permanent', host.name)}
            busy={act.isPending}
            disabled={offline}
            error={act.error}
            onConfirm={() => act.mutate({ host, act: 'retire' }, { onSuccess: close })}
            onClose={close}
          />
        )}
      </Suspense>
    </>
  );
}
