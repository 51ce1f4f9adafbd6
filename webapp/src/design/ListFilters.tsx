import { Search } from 'lucide-react';

interface ChoiceProps<T extends string> {
  label: string;
  /** What it reads while nothing is chosen: "Any tier". */
  any: string;
  value: T | undefined;
  options: readonly (readonly [T, string])[];
  onChange: (value: T | undefined) => void;
}

/** One filter of a list; its first choice is none. */
export function ChoiceFilter<T extends string>({ label, any, value, options, onChange }: ChoiceProps<T>) {
  return (
    <select
      aria-label={label}
      value={value ?? ''}
      onChange={(event) => onChange((event.target.value || undefined) as T | undefined)}
      className="h-control rounded-md border border-control bg-surface px-2 text-sm"
    >
      <option value="">{any}</option>
      {options.map(([name, text]) => (
        <option key={name} value={name}>
          {text}
        </option>
      ))}
    </select>
  );
}

interface SearchFieldProps {
  label: string;
  placeholder: string;
  value: string;
  onChange: (value: string) => void;
}

export function SearchField({ label, placeholder, value, onChange }: SearchFieldProps) {
  return (
    <label className="flex h-control min-w-0 flex-1 items-center gap-2 rounded-md border border-control bg-surface px-2.5 has-focus-visible:outline-2 has-focus-visible:outline-focus max-sm:basis-full sm:max-w-72">
      <Search aria-hidden size={14} className="shrink-0 text-ink-3" />
      <span className="sr-only">{label}</span>
      <input
        type="search"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        placeholder={placeholder}
        className="w-full bg-transparent text-sm outline-none"
      />
    </label>
  );
}
