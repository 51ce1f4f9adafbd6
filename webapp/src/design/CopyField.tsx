import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { copyText } from '@/lib/clipboard';
import { Button } from './Button';
import { cn } from './cn';

const SHOWN_MS = 2_000;

/** Copies and says so in place. */
export function CopyButton({ value, label }: { value: string; label: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle');
  useEffect(() => {
    if (state === 'idle') return;
    const timer = setTimeout(() => setState('idle'), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const copied = state === 'copied';
  return (
    <Button
      size="sm"
      aria-label={label}
      onClick={async () => setState((await copyText(value)) ? 'copied' : 'refused')}
    >
      {copied ? <Check aria-hidden size={12} /> : <Copy aria-hidden size={12} />}
      <span aria-live="polite">{copied ? 'Copied' : state === 'refused' ? 'Copying failed' : 'Copy'}</span>
    </Button>
  );
}

interface CopyFieldProps {
  value: string;
  /** Names the region: "SSH command". */
  label: string;
  className?: string;
  wrap?: boolean;
}

const control = 'min-w-0 flex-1 rounded-sm bg-transparent font-mono text-xs leading-5';

/** A command in full, selectable by keyboard, with a copy button. */
export function CopyField({ value, label, className, wrap = false }: CopyFieldProps) {
  return (
    <div
      className={cn(
        'flex min-w-0 items-center gap-2 rounded-md border bg-sunken py-1 pr-1 pl-2.5',
        wrap && 'items-start',
        className,
      )}
    >
      {wrap ? (
        <textarea
          readOnly
          rows={2}
          aria-label={label}
          value={value}
          className={cn(control, 'field-sizing-content resize-none py-1 break-all')}
        />
      ) : (
        <input readOnly aria-label={label} value={value} className={cn(control, 'text-ellipsis')} />
      )}
      <CopyButton value={value} label={`Copy ${label}`} />
    </div>
  );
}
