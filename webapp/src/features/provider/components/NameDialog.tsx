import { useState } from 'react';
import { ChangeFailure } from '@/design/ChangeFailure';
import Dialog from '@/design/Dialog';
import { DialogButtons } from '@/design/DialogButtons';
import { TextField } from '@/design/Field';
import { asProblem, messagesByField } from '@/lib/problem';

interface NameDialogProps {
  name: string;
  busy: boolean;
  error: unknown;
  onSave: (name: string) => void;
  onClose: () => void;
}

/** How a provider is called. */
export default function NameDialog({ name, busy, error, onSave, onClose }: NameDialogProps) {
  const [text, setText] = useState(name);
  const refused = error ? messagesByField(asProblem(error)).display_name : undefined;
  return (
    <Dialog title="Provider name" onClose={onClose}>
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim()) onSave(text.trim());
        }}
      >
        {error != null && !refused && <ChangeFailure what="The name was not changed." error={error} />}
        <TextField
          label="Name"
          value={text}
          maxLength={80}
          autoComplete="organization"
          error={refused}
          onChange={(event) => setText(event.target.value)}
        />
        <DialogButtons
          action="Save"
          busy={busy}
          disabled={!text.trim() || text.trim() === name}
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
