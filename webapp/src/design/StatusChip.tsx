import {
  CircleCheck,
  CircleDashed,
  CirclePause,
  CircleX,
  type LucideIcon,
  TriangleAlert,
} from 'lucide-react';
import { cn } from './cn';

export type Tone = 'ok' | 'wait' | 'warn' | 'bad' | 'idle';

const TONES: Record<Tone, { icon: LucideIcon; style: string }> = {
  ok: { icon: CircleCheck, style: 'bg-ok-bg text-ok' },
  wait: { icon: CircleDashed, style: 'bg-wait-bg text-wait' },
  warn: { icon: TriangleAlert, style: 'bg-warn-bg text-warn' },
  bad: { icon: CircleX, style: 'bg-bad-bg text-bad' },
  idle: { icon: CirclePause, style: 'bg-idle-bg text-ink-2' },
};

interface StatusChipProps {
  tone: Tone;
  label: string;
  icon?: LucideIcon | undefined;
  /** Something is under way: the icon turns. */
  moving?: boolean;
}

/** State as icon, word and colour together, so that no one of them has to be seen. */
export function StatusChip({ tone, label, icon, moving = false }: StatusChipProps) {
  const Icon = icon ?? TONES[tone].icon;
  return (
    <span
      className={cn(
        'inline-flex h-5 items-center gap-1 rounded-sm px-1.5 text-2xs font-medium whitespace-nowrap',
        TONES[tone].style,
      )}
    >
      <Icon
        aria-hidden
        size={12}
        strokeWidth={2.25}
        className={moving ? 'animate-spin [animation-duration:2.4s]' : undefined}
      />
      {label}
    </span>
  );
}
