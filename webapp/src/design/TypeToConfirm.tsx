import { TextField } from './Field';

interface TypeToConfirmProps {
  expected: string;
  typed: string;
  onChange: (typed: string) => void;
}

/** Whether the action is unlocked: nothing is to be typed, or it was. */
export const isConfirmed = (expected: string | undefined, typed: string): boolean =>
  expected === undefined || typed.trim() === expected;

/** A field that unlocks an action once the expected text is typed into it. */
export function TypeToConfirm({ expected, typed, onChange }: TypeToConfirmProps) {
  return (
    <TextField
      label={`Type ${expected} to confirm`}
      value={typed}
      onChange={(event) => onChange(event.target.value)}
      autoComplete="off"
      autoCapitalize="off"
      spellCheck={false}
    />
  );
}
