import { type ComponentProps, type ReactNode, Suspense, useRef, useState } from 'react';
import { lazyPart } from '@/lib/lazy-part';
import { Button } from './Button';
import type { MenuItem } from './Menu';

const Menu = lazyPart(() => import('./Menu'));

interface MenuButtonProps extends Omit<ComponentProps<typeof Button>, 'onClick'> {
  menuLabel: string;
  header?: ReactNode;
  items: readonly MenuItem[];
}

/** A button that opens a menu. The menu's code is fetched when a pointer or focus comes near. */
export function MenuButton({ menuLabel, header, items, ...button }: MenuButtonProps) {
  const [open, setOpen] = useState(false);
  const ref = useRef<HTMLButtonElement>(null);
  return (
    <>
      <Button
        {...button}
        ref={ref}
        aria-haspopup="menu"
        aria-expanded={open}
        onPointerEnter={() => void Menu.preload()}
        onFocus={() => void Menu.preload()}
        onClick={() => setOpen(!open)}
      />
      {open && ref.current && (
        <Suspense>
          <Menu
            label={menuLabel}
            header={header}
            anchor={ref.current}
            items={items}
            onClose={() => setOpen(false)}
          />
        </Suspense>
      )}
    </>
  );
}
