import { cva, type VariantProps } from 'class-variance-authority';
import { LoaderCircle } from 'lucide-react';
import type { ComponentProps } from 'react';

export const buttonClass = cva(
  'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap transition-opacity disabled:opacity-55 aria-disabled:opacity-55',
  {
    variants: {
      tone: {
        primary: 'bg-ink text-ink-inv hover:bg-ink-2',
        secondary: 'border border-control bg-surface text-ink hover:bg-sunken',
        ghost: 'text-ink-2 hover:bg-sunken hover:text-ink',
        danger: 'border border-bad bg-surface text-bad hover:bg-bad-bg',
      },
      size: {
        sm: 'h-7 px-2 text-xs pointer-coarse:h-11',
        md: 'h-control px-3 text-sm',
        icon: 'size-7 pointer-coarse:size-11',
      },
    },
    defaultVariants: { tone: 'secondary', size: 'md' },
  },
);

type ButtonProps = ComponentProps<'button'> & VariantProps<typeof buttonClass> & { busy?: boolean };

/** A pending act keeps its label, shows that it works, and cannot be sent twice. */
export function Button({ tone, size, className, busy = false, disabled, children, ...props }: ButtonProps) {
  return (
    <button
      type="button"
      className={buttonClass({ tone, size, className })}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      {...props}
    >
      {busy && <LoaderCircle aria-hidden size={14} className="animate-spin" />}
      {children}
    </button>
  );
}
