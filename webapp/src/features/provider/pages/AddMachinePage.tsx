import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { Button, buttonClass } from '@/design/Button';
import { CopyField } from '@/design/CopyField';
import { TextField } from '@/design/Field';
import { Page, Section } from '@/design/Page';
import { Steps } from '@/design/Steps';
import { ErrorNote, Skeleton } from '@/design/states';
import { announce } from '@/lib/announce';
import { useNow, usePollFast } from '@/lib/hooks';
import { asProblem, messagesByField } from '@/lib/problem';
import { formatTicking } from '@/lib/time';
import type { EnrollmentCode, EnrollmentState, Host } from '@/types/domain';
import { ENROLLMENT_INTERVAL_MS, enrollmentCodeMutation, enrollmentQuery, machineQuery } from '../api';
import { codeSecondsLeft, enrollmentSteps, isListed } from '../model';

const route = getRouteApi('/_console/provider/add');

interface CommandFormProps {
  busy: boolean;
  error: unknown;
  onMake: (name: string | undefined) => void;
}

function CommandForm({ busy, error, onMake }: CommandFormProps) {
  const [name, setName] = useState('');
  const refused = error ? messagesByField(asProblem(error)).name : undefined;
  return (
    <Section title="1. Create the command">
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          onMake(name.trim() || undefined);
        }}
      >
        {error != null && !refused && <ErrorNote what="The command was not created." error={error} />}
        <TextField
          label="Machine name (optional)"
          placeholder="defaults to the host name"
          value={name}
          autoComplete="off"
          spellCheck={false}
          error={refused}
          onChange={(event) => setName(event.target.value)}
          className="max-w-96"
        />
        <Button type="submit" tone="primary" busy={busy} className="justify-self-start">
          Create command
        </Button>
      </form>
    </Section>
  );
}

function Expiry({ state, onAgain }: { state: EnrollmentState | undefined; onAgain: () => void }) {
  const waiting = state?.state === 'waiting';
  const left = codeSecondsLeft(state?.expires_at ?? '', useNow(waiting));
  if (!state || state.state === 'used') return null;
  if (state.state === 'expired' || left <= 0) {
    return (
      <p className="flex flex-wrap items-center gap-2 text-warn">
        The code has expired.
        <Button size="sm" onClick={onAgain}>
          Create new command
        </Button>
      </p>
    );
  }
  return <p className="text-xs text-ink-3">Valid once, for {formatTicking(left)}.</p>;
}

interface CommandProps {
  made: EnrollmentCode | undefined;
  state: EnrollmentState | undefined;
  onAgain: () => void;
}

function Command({ made, state, onAgain }: CommandProps) {
  return (
    <Section title="1. Run this on the machine">
      <div className="grid gap-3">
        {made ? (
          <>
            <p className="text-ink-2">
              Installs the agent and creates a key pair; only the public key leaves the machine.
            </p>
            <CopyField label="install command" value={made.install_command} wrap />
          </>
        ) : (
          <p className="flex flex-wrap items-center gap-2 text-ink-2">
            The command is shown only once.
            {state?.state === 'waiting' && (
              <Button size="sm" onClick={onAgain}>
                Create new command
              </Button>
            )}
          </p>
        )}
        <Expiry state={state} onAgain={onAgain} />
      </div>
    </Section>
  );
}

function Checklist({ state, host }: { state: EnrollmentState | undefined; host: Host | undefined }) {
  const steps = enrollmentSteps(state, host);
  const done = steps.findLast((step) => step.state === 'done')?.name;
  useEffect(() => {
    if (done) announce(`${done}: done`);
  }, [done]);
  return (
    <Section
      title="2. Enrollment progress"
      aside={<span className="text-xs text-ink-3">updates automatically</span>}
    >
      <div className="grid gap-4">
        {state ? <Steps label="Enrollment" steps={steps} /> : <Skeleton className="h-16 w-full" />}
        {host && (
          <p className="flex flex-wrap items-center gap-3 border-t pt-3">
            <span className={isListed(host) ? 'text-ok' : 'text-ink-2'}>
              {host.name} {isListed(host) ? 'is on the market.' : 'has enrolled.'}
            </span>
            <Link to="/provider/machines/$hostId" params={{ hostId: host.id }} className={buttonClass()}>
              Open {host.name}
            </Link>
          </p>
        )}
      </div>
    </Section>
  );
}

function Joining({ codeId, made, onAgain }: { codeId: string } & Pick<CommandProps, 'made' | 'onAgain'>) {
  const code = useQuery(enrollmentQuery(codeId));
  const hostId = code.data?.host_id ?? '';
  const host = useQuery({
    ...machineQuery(hostId),
    enabled: hostId !== '',
    refetchInterval: ({ state }) => (isListed(state.data) ? false : ENROLLMENT_INTERVAL_MS),
  });
  usePollFast(code.data?.state === 'waiting');
  const failed = code.error ?? host.error;
  return (
    <div className="grid gap-4">
      {failed && (
        <ErrorNote
          what={code.data ? 'The enrollment could not be updated.' : 'The enrollment could not be loaded.'}
          error={failed}
          onRetry={() => void Promise.all([code.refetch(), hostId && host.refetch()])}
        />
      )}
      <Command made={made} state={code.data} onAgain={onAgain} />
      <Checklist state={code.data} host={host.data} />
    </div>
  );
}

export function AddMachinePage() {
  const { code: codeId } = route.useSearch();
  const navigate = route.useNavigate();
  const make = useMutation(enrollmentCodeMutation);
  const again = () => {
    make.reset();
    void navigate({ search: {} });
  };
  return (
    <Page
      title="Add a machine"
      summary="Run one command on a Linux machine. It is then measured, tested and listed."
      aside={
        <Link to="/provider" className={buttonClass()}>
          All machines
        </Link>
      }
    >
      {codeId ? (
        <Joining codeId={codeId} made={make.data?.id === codeId ? make.data : undefined} onAgain={again} />
      ) : (
        <CommandForm
          busy={make.isPending}
          error={make.error}
          onMake={(name) =>
            make.mutate(name ? { name } : {}, {
              onSuccess: ({ id }) => void navigate({ search: { code: id }, replace: true }),
            })
          }
        />
      )}
    </Page>
  );
}
