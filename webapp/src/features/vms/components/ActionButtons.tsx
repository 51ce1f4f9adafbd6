import { Ellipsis, Play, RotateCw, Square, Trash2 } from 'lucide-react';
import { Button } from '@/design/Button';
import { MenuButton } from '@/design/MenuButton';
import type { Vm, VmAction } from '@/types/domain';
import { ACTIONS, validActions } from '../model';
import type { Lifecycle } from './lifecycle';

const ICONS = { start: Play, stop: Square, reboot: RotateCw, terminate: Trash2 } as const;

interface ActionButtonsProps {
  vm: Vm;
  lifecycle: Lifecycle;
  disabled?: boolean;
}

/** One button per act that is valid now; on the VM's own page. */
export function ActionButtons({ vm, lifecycle, disabled = false }: ActionButtonsProps) {
  const pending = lifecycle.pendingFor(vm);
  return (
    <>
      {validActions(vm).map((action) => {
        const { verb, pending: working, danger } = ACTIONS[action];
        const Icon = ICONS[action];
        return (
          <Button
            key={action}
            tone={danger ? 'danger' : 'secondary'}
            busy={pending === action}
            disabled={disabled || lifecycle.offline || pending !== undefined}
            onPointerEnter={lifecycle.prefetch}
            onFocus={lifecycle.prefetch}
            onClick={() => lifecycle.request(vm, action)}
          >
            {pending !== action && <Icon aria-hidden size={14} />}
            {pending === action ? working : verb}
          </Button>
        );
      })}
    </>
  );
}

/** The likeliest act as a button and the others in a menu; in a row of the list. */
export function RowActions({ vm, lifecycle }: ActionButtonsProps) {
  const actions = validActions(vm);
  const first = actions.find((action) => action === 'start' || action === 'stop');
  const rest = actions.filter((action) => action !== first);
  const pending = lifecycle.pendingFor(vm);
  const item = (action: VmAction) => ({
    label: ACTIONS[action].verb,
    icon: ICONS[action],
    danger: ACTIONS[action].danger === true,
    onSelect: () => lifecycle.request(vm, action),
  });
  return (
    <span className="flex items-center justify-end gap-1">
      {first && (
        <Button
          size="sm"
          aria-label={`${ACTIONS[first].verb} ${vm.name}`}
          busy={pending === first}
          disabled={lifecycle.offline || pending !== undefined}
          onPointerEnter={lifecycle.prefetch}
          onClick={() => lifecycle.request(vm, first)}
        >
          {ACTIONS[first].verb}
        </Button>
      )}
      {rest.length > 0 && (
        <MenuButton
          tone="ghost"
          size="icon"
          menuLabel={`Actions for ${vm.name}`}
          aria-label={`More actions for ${vm.name}`}
          disabled={lifecycle.offline || pending !== undefined}
          items={rest.map(item)}
        >
          <Ellipsis aria-hidden size={14} />
        </MenuButton>
      )}
    </span>
  );
}
