import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useShortcuts } from '@/lib/hooks';
import { session } from '@/lib/session';
import { keysAreTaken } from '@/lib/shortcuts';
import { pagesFor } from './navigation';

const SEQUENCE_MS = 1_500;

interface Overlays {
  onPalette: () => void;
  onHelp: () => void;
}

/** The page's own search, when it has one. */
function focusSearch(): boolean {
  const search = document.querySelector<HTMLInputElement>('main input[type="search"]');
  search?.focus();
  search?.select();
  return search !== null;
}

/** Ctrl or ⌘ with K, and the single keys `?`, `/` and `g` with a letter unless they are turned off. */
export function useShortcutKeys({ onPalette, onHelp }: Overlays): void {
  const singleKeys = useShortcuts();
  const navigate = useNavigate();
  useEffect(() => {
    let goSince = Number.NEGATIVE_INFINITY;
    const go = (letter: string) => {
      const current = session.get();
      const role = current.status === 'signed-in' ? current.user.role : undefined;
      const page = pagesFor(role).find((candidate) => candidate.letter === letter);
      if (page) void navigate({ to: page.to });
      return page !== undefined;
    };
    const single = (event: KeyboardEvent): boolean => {
      const afterG = event.timeStamp - goSince < SEQUENCE_MS;
      goSince = Number.NEGATIVE_INFINITY;
      if (afterG && go(event.key)) return true;
      if (event.key === 'g') goSince = event.timeStamp;
      else if (event.key === '?') onHelp();
      else if (event.key === '/') focusSearch() || onPalette();
      else return false;
      return true;
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === 'k' && (event.metaKey || event.ctrlKey)) {
        event.preventDefault();
        onPalette();
      } else if (singleKeys && !event.defaultPrevented && !keysAreTaken(event)) {
        if (single(event)) event.preventDefault();
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [singleKeys, navigate, onPalette, onHelp]);
}
