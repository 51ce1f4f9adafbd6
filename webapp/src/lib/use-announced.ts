import { useEffect, useRef } from 'react';
import { announce } from './announce';

/** Tells screen readers a state once, each time it changes; the first is read with the page. */
export function useAnnounced(name: string, state: string): void {
  const last = useRef(state);
  useEffect(() => {
    if (last.current !== state) announce(`${name} is ${state}`);
    last.current = state;
  }, [name, state]);
}
