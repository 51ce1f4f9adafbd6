import { type ComponentProps, type ReactNode, useId } from 'react';
import { cn } from './cn';

const control =
  'w-full rounded-md border bg-surface px-2.5 text-sm text-ink disabled:bg-sunken disabled:text-ink-3';

interface FieldProps {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  className?: string;
}

interface Wiring {
  id: string;
  'aria-invalid': true | undefined;
  'aria-describedby': string | undefined;
  className: string;
}

/** Label, control, hint and error, wired so that a screen reader hears them together. */
function Field({
  label,
  hint,
  error,
  className,
  children,
}: FieldProps & { children: (wiring: Wiring) => ReactNode }) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div className={cn('grid content-start gap-1', className)}>
      <label htmlFor={id} className="text-xs font-medium text-ink-2">
        {label}
      </label>
      {children({
        id,
        'aria-invalid': error ? true : undefined,
        'aria-describedby': described || undefined,
        className: cn(control, error ? 'border-bad' : 'border-control'),
      })}
      {hint && (
        <p id={`${id}-hint`} className="text-xs text-ink-3">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="text-xs text-bad">
          {error}
        </p>
      )}
    </div>
  );
}

export function TextField({ label, hint, error, className, ...input }: FieldProps & ComponentProps<'input'>) {
  return (
    <Field {...fieldProps(label, hint, error, className)}>
      {({ className: style, ...wiring }) => (
        <input {...wiring} {...input} className={cn(style, 'h-control')} />
      )}
    </Field>
  );
}

export function TextAreaField({
  label,
  hint,
  error,
  className,
  ...area
}: FieldProps & ComponentProps<'textarea'>) {
  return (
    <Field {...fieldProps(label, hint, error, className)}>
      {({ className: style, ...wiring }) => (
        <textarea
          rows={3}
          {...wiring}
          {...area}
          className={cn(style, 'py-1.5 font-mono text-xs break-all')}
        />
      )}
    </Field>
  );
}

export function SelectField({
  label,
  hint,
  error,
  className,
  children,
  ...select
}: FieldProps & ComponentProps<'select'>) {
  return (
    <Field {...fieldProps(label, hint, error, className)}>
      {({ className: style, ...wiring }) => (
        <select {...wiring} {...select} className={cn(style, 'h-control')}>
          {children}
        </select>
      )}
    </Field>
  );
}

function fieldProps(
  label: string,
  hint: ReactNode,
  error: string | undefined,
  className: string | undefined,
): FieldProps {
  return { label, hint, ...(error ? { error } : {}), ...(className ? { className } : {}) };
}
