import type { ReactNode } from 'react';
import { useNow } from '@/lib/hooks';

interface TickProps {
  /** Ticks only while true: a settled figure must not re-render every second. */
  active?: boolean;
  children: (nowMs: number) => ReactNode;
}

/** Re-renders its children with the server's time every second. Not a live region: ticking must not be read aloud. */
export function Tick({ active = true, children }: TickProps) {
  const now = useNow(active);
  return <>{children(now)}</>;
}
