import { Link, type LinkProps } from '@tanstack/react-router';
import { cn } from './cn';

interface RouteTabsProps<Key extends string> {
  /** Names the navigation for assistive technology. */
  label: string;
  /** The tabs' labels, in order. */
  tabs: Readonly<Record<Key, string>>;
  current: Key | undefined;
  link: (tab: Key) => LinkProps;
  className?: string;
}

/** Tabs whose choice is part of the address. */
export function RouteTabs<Key extends string>({
  label,
  tabs,
  current,
  link,
  className,
}: RouteTabsProps<Key>) {
  return (
    <nav aria-label={label} className={cn('flex gap-1 overflow-x-auto border-b', className)}>
      {(Object.keys(tabs) as Key[]).map((tab) => (
        <Link
          key={tab}
          {...link(tab)}
          activeOptions={{ exact: true }}
          aria-current={tab === current ? 'page' : undefined}
          className={cn(
            '-mb-px flex h-9 shrink-0 items-center border-b-2 px-3 pointer-coarse:h-11',
            tab === current
              ? 'border-ink font-medium text-ink'
              : 'border-transparent text-ink-2 hover:text-ink',
          )}
        >
          {tabs[tab]}
        </Link>
      ))}
    </nav>
  );
}
