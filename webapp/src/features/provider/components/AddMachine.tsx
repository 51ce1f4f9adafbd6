import { useMutation, useQuery } from '@tanstack/react-query';
import { CircleCheck, LoaderCircle, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '@/design/Button';
import { CopyField } from '@/design/CopyField';
import { Section } from '@/design/Page';
import { ErrorNote, Skeleton } from '@/design/states';
import { HostStatus } from '@/features/hosts';
import { useHurry, useNow } from '@/lib/hooks';
import { formatTicking } from '@/lib/time';
import type { EnrollmentCode, Host } from '@/types/domain';
import { enrollmentCodeMutation, machinesQuery } from '../api';
import { codeSecondsLeft, newcomer } from '../model';

function Waiting({ code, onRenew }: { code: EnrollmentCode; onRenew: () => void }) {
  const left = codeSecondsLeft(code.expires_at, useNow());
  useHurry(left > 0);
  if (left <= 0) {
    return (
      <p className="flex flex-wrap items-center gap-2 text-warn">
        The code has expired.
        <Button size="sm" onClick={onRenew}>
          Make a new code
        </Button>
      </p>
    );
  }
  return (
    <p className="flex flex-wrap items-center gap-2 text-ink-2">
      <LoaderCircle aria-hidden size={14} className="animate-spin text-wait" />
      <span role="status">Waiting for the machine to enrol.</span>
      <span className="text-xs text-ink-3">The code works once and for {formatTicking(left)} more.</span>
    </p>
  );
}

function Arrived({ host }: { host: Host }) {
  return (
    <p role="status" className="flex flex-wrap items-center gap-2 text-ok">
      <CircleCheck aria-hidden size={16} />
      <span className="font-medium">{host.name} has enrolled.</span>
      <HostStatus host={host} />
    </p>
  );
}

interface AddMachineProps {
  /** Machines that were there when the panel was opened. */
  knownIds: ReadonlySet<string>;
  onClose: () => void;
}

/** The install command, how long its code lives, and the machine when it comes. */
export function AddMachine({ knownIds, onClose }: AddMachineProps) {
  const code = useMutation(enrollmentCodeMutation);
  const machines = useQuery(machinesQuery);
  const [known] = useState(knownIds);
  const arrived = newcomer(machines.data?.items, known);
  const { mutate } = code;
  // A code is made once per opening, also where effects run twice in development.
  const asked = useRef(false);
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    mutate();
  }, [mutate]);
  return (
    <Section
      title="Add a machine"
      className="mb-4"
      aside={
        <Button tone="ghost" size="icon" aria-label="Close" onClick={onClose}>
          <X aria-hidden size={14} />
        </Button>
      }
    >
      <div className="grid gap-3">
        {code.isError && (
          <ErrorNote what="No code could be made." error={code.error} onRetry={() => mutate()} />
        )}
        {!code.data && !code.isError && <Skeleton className="h-16 w-full" />}
        {code.data && (
          <>
            <p className="text-ink-2">
              Run this on the machine you want to share. It installs the agent, makes a key pair there and
              sends only the public half here.
            </p>
            <CopyField label="install command" value={code.data.install_command} wrap />
            {arrived ? <Arrived host={arrived} /> : <Waiting code={code.data} onRenew={() => mutate()} />}
          </>
        )}
      </div>
    </Section>
  );
}
