/** The start of a record's hash; the whole of it on hover. */
export function HashCode({ hash }: { hash: string }) {
  return (
    <code className="font-mono text-xs" title={hash}>
      {hash.slice(0, 12)}
    </code>
  );
}
