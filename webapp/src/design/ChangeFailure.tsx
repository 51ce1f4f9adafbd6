import { asProblem } from '@/lib/problem';
import { ErrorNote } from './states';

interface ChangeFailureProps {
  /** What did not work, in the reader's words. */
  what: string;
  error: unknown;
  className?: string;
}

/** Why a change was refused. One that met another change is not lost: the form keeps it, and it can be sent again. */
export function ChangeFailure({ what, error, className }: ChangeFailureProps) {
  const met = asProblem(error).status === 412;
  return (
    <ErrorNote
      {...(className ? { className } : {})}
      what={met ? `It was changed elsewhere in the meantime. ${what}` : what}
      error={error}
    >
      {met && <p>Your input is kept. Check the current values, then submit again.</p>}
    </ErrorNote>
  );
}
