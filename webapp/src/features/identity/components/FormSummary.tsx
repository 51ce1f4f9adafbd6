import { CircleX } from 'lucide-react';

/** What is wrong with the form as a whole; announced at once. */
export function FormSummary({ message }: { message: string | undefined }) {
  if (!message) return null;
  return (
    <p role="alert" className="flex gap-2 rounded-md border border-bad bg-bad-bg p-2.5 text-bad">
      <CircleX aria-hidden size={16} className="mt-0.5 shrink-0" />
      {message}
    </p>
  );
}
