import { Outlet } from '@tanstack/react-router';
import { Command, Menu, X } from 'lucide-react';
import { Suspense, useCallback, useEffect, useRef, useState } from 'react';
import { Button } from '@/design/Button';
import { Runway } from '@/features/billing';
import { useChosenPreferences } from '@/features/preferences';
import { lazyPart } from '@/lib/lazy-part';
import { AccountMenu } from './AccountMenu';
import { ConnectionBanner } from './ConnectionBanner';
import { useLive } from './live';
import { OmittedNote } from './OmittedNote';
import { usePrefetchedPages } from './prefetch';
import { Sidebar } from './Sidebar';
import { useShortcutKeys } from './shortcuts';
import { ThemeButton } from './ThemeButton';

const Palette = lazyPart(() => import('./Palette'));
const HelpDialog = lazyPart(() => import('./HelpDialog'));

const isMac = /Mac|iP(hone|ad)/.test(navigator.platform);

/** Under 1024 px the sidebar is a native modal dialog: focus stays inside, Escape closes it. */
function Drawer({ open, onClose }: { open: boolean; onClose: () => void }) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open) ref.current?.showModal();
    else ref.current?.close();
  }, [open]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a native dialog; the click is on its backdrop
    <dialog
      ref={ref}
      aria-label="Navigation"
      onClose={onClose}
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
      className="m-0 h-dvh max-h-none w-64 max-w-[85vw] border-r bg-surface p-0 text-ink backdrop:bg-overlay lg:hidden"
    >
      <nav aria-label="Main" className="min-h-full p-3">
        <Button
          tone="ghost"
          size="icon"
          aria-label="Close navigation"
          className="float-right"
          onClick={onClose}
        >
          <X aria-hidden size={18} />
        </Button>
        <Sidebar onNavigate={onClose} />
      </nav>
    </dialog>
  );
}

interface TopBarProps {
  drawerOpen: boolean;
  onMenu: () => void;
  onPalette: () => void;
  onHelp: () => void;
}

function TopBar({ drawerOpen, onMenu, onPalette, onHelp }: TopBarProps) {
  return (
    <header className="sticky top-0 z-20 flex h-12 items-center gap-1.5 border-b bg-canvas px-2 sm:gap-2 sm:px-4 lg:px-6 pointer-coarse:h-14">
      <Button
        tone="ghost"
        size="icon"
        className="lg:hidden"
        aria-label="Open navigation"
        aria-expanded={drawerOpen}
        onClick={onMenu}
      >
        <Menu aria-hidden size={18} />
      </Button>
      <button
        type="button"
        onClick={onPalette}
        onPointerEnter={() => void Palette.preload()}
        onFocus={() => void Palette.preload()}
        className="flex h-control min-w-9 flex-1 items-center gap-2 overflow-hidden rounded-md border border-control bg-surface px-2.5 text-left text-xs text-ink-3 hover:bg-sunken sm:max-w-72"
      >
        <Command aria-hidden size={14} className="shrink-0" />
        <span className="flex-1 truncate">Search or run a command</span>
        <kbd aria-hidden className="font-mono text-2xs max-sm:hidden">
          {isMac ? '⌘K' : 'Ctrl K'}
        </kbd>
      </button>
      <span className="flex-1 max-sm:hidden" />
      <Runway />
      <ThemeButton />
      <AccountMenu onHelp={onHelp} />
    </header>
  );
}

export function Shell() {
  const [overlay, setOverlay] = useState<'palette' | 'help' | null>(null);
  const [drawerOpen, setDrawerOpen] = useState(false);
  const close = useCallback(() => setOverlay(null), []);
  useShortcutKeys({
    onPalette: useCallback(() => setOverlay((current) => (current === 'palette' ? null : 'palette')), []),
    onHelp: useCallback(() => setOverlay('help'), []),
  });
  const writing = useChosenPreferences();
  useLive();
  usePrefetchedPages();
  return (
    <div className="grid min-h-dvh lg:grid-cols-[216px_minmax(0,1fr)]">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:z-50 focus:m-2 focus:rounded-md focus:bg-ink focus:px-3 focus:py-2 focus:text-ink-inv"
      >
        Skip to content
      </a>
      <nav
        aria-label="Main"
        className="sticky top-0 hidden h-dvh overflow-auto border-r bg-surface p-3 lg:block"
      >
        <Sidebar />
      </nav>
      <Drawer open={drawerOpen} onClose={() => setDrawerOpen(false)} />
      <div className="min-w-0">
        <TopBar
          drawerOpen={drawerOpen}
          onMenu={() => setDrawerOpen(true)}
          onPalette={() => setOverlay('palette')}
          onHelp={() => setOverlay('help')}
        />
        <ConnectionBanner />
        <OmittedNote />
        <main id="main" tabIndex={-1}>
          <Outlet key={writing} />
        </main>
      </div>
      <Suspense>
        {overlay === 'palette' && <Palette onClose={close} onHelp={() => setOverlay('help')} />}
        {overlay === 'help' && <HelpDialog onClose={close} />}
      </Suspense>
    </div>
  );
}
