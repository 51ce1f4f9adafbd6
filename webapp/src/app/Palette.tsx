import { Autocomplete } from '@base-ui/react/autocomplete';
import { Dialog } from '@base-ui/react/dialog';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { ADMIN_PATHS, ADMIN_SECTIONS } from '@/features/admin';
import { signOut } from '@/features/identity';
import { usePreferences } from '@/features/preferences';
import { machinesQuery } from '@/features/provider';
import { TABS } from '@/features/settings';
import { ACTIONS, validActions, vmsQuery } from '@/features/vms';
import { THEMES } from '@/lib/appearance';
import { useSession } from '@/lib/hooks';
import { useItems } from '@/lib/pages';
import { isOperator } from '@/lib/roles';
import { serverNow } from '@/lib/time';
import type { Host, Vm } from '@/types/domain';
import { pagesFor } from './navigation';

interface Command {
  label: string;
  hint: string;
  run: () => void;
}

interface PaletteProps {
  onClose: () => void;
  onHelp: () => void;
}

/** What the console itself can be told, whatever there is in it. */
function useOwnCommands({ onClose, onHelp }: PaletteProps): Command[] {
  const queries = useQueryClient();
  const { choose } = usePreferences();
  const themes = THEMES.map((theme) => ({
    label: `Theme: ${theme}`,
    hint: 'appearance',
    run: () => {
      onClose();
      choose({ theme });
    },
  }));
  return [
    ...themes,
    { label: 'Help and shortcuts', hint: 'help', run: onHelp },
    { label: 'Sign out', hint: 'account', run: () => void signOut(queries).catch(() => undefined) },
  ];
}

function useCommands({ onClose, onHelp }: PaletteProps): Command[] {
  const navigate = useNavigate();
  const session = useSession();
  const role = session.status === 'signed-in' ? session.user.role : undefined;
  const own = useOwnCommands({ onClose, onHelp });
  const vms = useItems(useInfiniteQuery(vmsQuery));
  const machines = useItems(useInfiniteQuery(machinesQuery));
  const found = useMemo(() => {
    const act = (go: () => unknown) => () => {
      onClose();
      go();
    };
    const pages = pagesFor(role).map(({ to, label }) => ({
      label: `Go to ${label}`,
      hint: 'page',
      run: act(() => navigate({ to })),
    }));
    const tabs = (Object.keys(TABS) as (keyof typeof TABS)[]).slice(1).map((tab) => ({
      label: `Go to Settings: ${TABS[tab]}`,
      hint: 'page',
      run: act(() => navigate({ to: '/settings', search: { tab } })),
    }));
    const operators = isOperator(role)
      ? ADMIN_PATHS.map((to) => ({
          label: `Go to Admin: ${ADMIN_SECTIONS[to]}`,
          hint: 'page',
          run: act(() => navigate({ to })),
        }))
      : [];
    const ofMachine = (host: Host): Command => ({
      label: `Open machine ${host.name}`,
      hint: host.id,
      run: act(() => navigate({ to: '/provider/machines/$hostId', params: { hostId: host.id } })),
    });
    const ofVm = (vm: Vm): Command[] => [
      {
        label: `Open ${vm.name}`,
        hint: vm.id,
        run: act(() => navigate({ to: '/vms/$vmId', params: { vmId: vm.id } })),
      },
      ...validActions(vm, serverNow()).map((action) => ({
        label: ACTIONS[action].label(vm.name),
        hint: vm.id,
        run: act(() => navigate({ to: '/vms/$vmId', params: { vmId: vm.id }, search: { ask: action } })),
      })),
    ];
    return [
      ...pages,
      ...operators,
      ...tabs,
      ...(vms?.flatMap(ofVm) ?? []),
      ...(machines?.map(ofMachine) ?? []),
    ];
  }, [vms, machines, navigate, onClose, role]);
  return [...found, ...own];
}

/** Pages, VMs and what can be done to them. A lifecycle verb opens its question; nothing happens from here alone. */
export default function Palette({ onClose, onHelp }: PaletteProps) {
  const commands = useCommands({ onClose, onHelp });
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="appear fixed inset-0 z-50 bg-overlay" />
        <Dialog.Popup
          aria-label="Command palette"
          className="appear fixed top-[12vh] left-1/2 z-50 w-[min(600px,calc(100vw-2rem))] -translate-x-1/2 overflow-hidden rounded-lg border bg-raised shadow-pop"
        >
          <Autocomplete.Root
            open
            inline
            items={commands}
            itemToStringValue={(command: Command) => command.label}
            autoHighlight="always"
          >
            <Autocomplete.Input
              aria-label="Command"
              placeholder="Page, VM or command, such as “stop web-1”"
              className="h-12 w-full border-b bg-transparent px-4 text-base outline-none"
            />
            <Autocomplete.Empty className="p-4 text-ink-2 empty:p-0">No results</Autocomplete.Empty>
            <Autocomplete.List className="max-h-80 overflow-auto p-2 empty:p-0">
              {(command: Command) => (
                <Autocomplete.Item
                  key={command.label + command.hint}
                  value={command}
                  onClick={command.run}
                  className="flex h-9 cursor-pointer items-center justify-between gap-4 rounded-md px-3 text-sm data-highlighted:bg-select"
                >
                  <span className="truncate">{command.label}</span>
                  <span className="truncate font-mono text-2xs text-ink-3">{command.hint}</span>
                </Autocomplete.Item>
              )}
            </Autocomplete.List>
          </Autocomplete.Root>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
