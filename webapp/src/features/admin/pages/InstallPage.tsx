import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Button } from '@/design/Button';
import { CopyField } from '@/design/CopyField';
import { SelectField } from '@/design/Field';
import { LoadFailure } from '@/design/LoadFailure';
import { MorePages } from '@/design/MorePages';
import { Section } from '@/design/Page';
import { ErrorNote, Notice } from '@/design/states';
import { Tick } from '@/design/Tick';
import { useConnection } from '@/lib/hooks';
import { useItems } from '@/lib/pages';
import { formatTicking } from '@/lib/time';
import { enrollmentCodeMutation, providersQuery } from '../api';
import { AdminFrame, OperatorsOnly } from '../components/AdminFrame';

const route = getRouteApi('/_console/admin/install');
const ACTIVE = { state: 'active' } as const;

function Command({ command, providerName }: { command: InstallCommand; providerName: string }) {
  return (
    <div className="grid gap-2">
      <p className="text-ink-2">
        Run this as root on the machine to add it to <b className="font-medium text-ink">{providerName}</b>.
      </p>
      <CopyField wrap label="install command" value={command.install_command} />
      <Tick>
        {(now) => {
          const leftS = (Date.parse(command.expires_at) - now) / 1_000;
          return leftS > 0 ? (
            <p className="text-xs text-ink-3">Valid once, for {formatTicking(leftS)}.</p>
          ) : (
            <Notice tone="warn">The code has expired. Create a new command.</Notice>
          );
        }}
      </Tick>
      <p className="text-xs text-ink-3">
        Once enrolled, the machine appears under{' '}
        <Link
          to="/admin/providers/$providerId"
          params={{ providerId: command.provider_id }}
          className="underline underline-offset-2"
        >
          its provider
        </Link>
        . Code <code className="font-mono">{command.code_id}</code>.
      </p>
    </div>
  );
}

type InstallCommand = NonNullable<ReturnType<typeof useInstall>['data']>;
const useInstall = () => useMutation(enrollmentCodeMutation);

function Install() {
  const { provider = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const providers = useInfiniteQuery(providersQuery(ACTIVE));
  const install = useInstall();
  const offline = useConnection() === 'offline';
  const rows = useItems(providers) ?? [];
  const nameOf = (id: string) => rows.find((row) => row.id === id)?.display_name ?? id;
  return (
    <AdminFrame
      title="Add machine"
      summary="A command that enrolls one machine for a provider."
      className="max-w-3xl"
    >
      <Section title="Install command">
        <div className="grid gap-3">
          <LoadFailure query={providers} name="The providers" />
          <SelectField
            label="Provider"
            hint="Owns the machine and receives its earnings."
            value={provider}
            onChange={(event) => {
              install.reset();
              void navigate({
                search: event.target.value ? { provider: event.target.value } : {},
                replace: true,
              });
            }}
          >
            <option value="">You</option>
            {provider && !rows.some(({ id }) => id === provider) && (
              <option value={provider}>{provider}</option>
            )}
            {rows.map(({ id, display_name, email }) => (
              <option key={id} value={id}>
                {display_name} · {email ?? id}
              </option>
            ))}
          </SelectField>
          <MorePages list={providers} label="Load more providers" />
          {install.error && <ErrorNote what="The command was not created." error={install.error} />}
          {install.data && (
            <Command
              command={install.data}
              providerName={provider ? nameOf(provider) : 'your own machines'}
            />
          )}
          <Button
            tone={install.data ? 'secondary' : 'primary'}
            className="justify-self-start"
            busy={install.isPending}
            disabled={offline}
            onClick={() => install.mutate(provider)}
          >
            {install.data ? 'Create new command' : 'Create install command'}
          </Button>
        </div>
      </Section>
    </AdminFrame>
  );
}

export function InstallPage() {
  return (
    <OperatorsOnly title="Add machine">
      <Install />
    </OperatorsOnly>
  );
}
