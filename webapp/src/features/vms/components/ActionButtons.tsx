import { Play, RotateCw, Square, SquareArrowOutUpRight, Trash2, Unplug } from 'lucide-react';
import { Button } from '@/design/Button';
import type { MenuItem } from '@/design/Menu';
import { announce } from '@/lib/announce';
import { serverNow } from '@/lib/time';
import type { Vm, VmAction } from '@/types/domain';
import { ACTIONS, offeredActions, validActions } from '../actions';
import type { Lifecycle } from './use-lifecycle';

const ICONS = {
  start: Play,
  stop: Square,
  reboot: RotateCw,
  terminate: Trash2,
  declare_lost: Unplug,
} as const;

interface ActionButtonsProps {
  vm: Vm;
  lifecycle: Lifecycle;
  disabled?: boolean;
}

/** One button per act that is valid now or that one would look for, with the reason; on the VM's own page. */
export function ActionButtons({ vm, lifecycle, disabled = false }: ActionButtonsProps) {
  const pending = lifecycle.pendingFor(vm);
  return (
    <>
      {offeredActions(vm, serverNow()).map(({ action, disabledReason }) => {
        const { verb, pending: working, danger } = ACTIONS[action];
        const Icon = ICONS[action];
        return (
          <Button
            key={action}
            tone={danger ? 'danger' : 'secondary'}
            busy={pending === action}
            disabled={disabled || lifecycle.offline || pending !== undefined}
            // stays in the order of focus, so that everybody comes to read the reason
            aria-disabled={disabledReason !== undefined || undefined}
            title={disabledReason}
            onPointerEnter={lifecycle.prefetch}
            onFocus={lifecycle.prefetch}
            onClick={() => (disabledReason ? announce(disabledReason) : lifecycle.request(vm, action))}
          >
            {pending !== action && <Icon aria-hidden size={14} />}
            {pending === action ? working : verb}
          </Button>
        );
      })}
    </>
  );
}

const likeliest = (vm: Vm): VmAction | undefined =>
  validActions(vm, serverNow()).find((action) => action === 'start' || action === 'stop');

/** The likeliest act as a button; in a row of the list. The others are in the row's menu. */
export function RowAction({ vm, lifecycle }: ActionButtonsProps) {
  const first = likeliest(vm);
  const pending = lifecycle.pendingFor(vm);
  if (!first) return null;
  return (
    <Button
      size="sm"
      aria-label={ACTIONS[first].label(vm.name)}
      busy={pending === first}
      disabled={lifecycle.offline || pending !== undefined}
      onPointerEnter={lifecycle.prefetch}
      onClick={() => lifecycle.request(vm, first)}
    >
      {ACTIONS[first].verb}
    </Button>
  );
}

/** Every act with the reason where it cannot be done now, and the way to the VM's page, for the menu of its row. */
export function rowItems(vm: Vm, lifecycle: Lifecycle, onOpen: () => void): MenuItem[] {
  const blocked = lifecycle.offline || lifecycle.pendingFor(vm) !== undefined;
  const acts = (blocked ? [] : offeredActions(vm, serverNow())).map(({ action, disabledReason }) => ({
    disabledReason,
    label: ACTIONS[action].verb,
    icon: ICONS[action],
    danger: ACTIONS[action].danger === true,
    onSelect: () => lifecycle.request(vm, action),
  }));
  return [{ label: 'Open', icon: SquareArrowOutUpRight, onSelect: onOpen }, ...acts];
}
