import { Monitor, Moon, Sun } from 'lucide-react';
import { Button } from '@/design/Button';
import { usePreferences } from '@/features/preferences';
import { THEMES } from '@/lib/appearance';
import { useAppearance } from '@/lib/hooks';

const ICONS = { system: Monitor, light: Sun, dark: Moon } as const;

/** Steps through system, light and dark; says which one is on. */
export function ThemeButton() {
  const { theme } = useAppearance();
  const { choose } = usePreferences();
  const Icon = ICONS[theme];
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
  return (
    <Button
      tone="ghost"
      size="icon"
      aria-label={`Theme: ${theme}. Switch to ${next}`}
      title={`Theme: ${theme}`}
      onClick={() => choose({ theme: next })}
    >
      <Icon aria-hidden size={16} />
    </Button>
  );
}
