import { Link, useLocation } from '@tanstack/react-router';
import { Logo } from '@/design/Logo';
import { useSession } from '@/lib/hooks';
import { navigationFor } from './navigation';

const HERE = { className: 'bg-select font-medium text-ink' };
const ELSEWHERE = { className: 'text-ink-2 hover:bg-sunken hover:text-ink' };

export function Sidebar({ onNavigate }: { onNavigate?: () => void }) {
  const session = useSession();
  const path = useLocation({ select: ({ pathname }) => pathname });
  const role = session.status === 'signed-in' ? session.user.role : undefined;
  return (
    <>
      <Link
        to="/catalog"
        {...(onNavigate ? { onClick: onNavigate } : {})}
        className="mb-4 block rounded-md px-2 py-1"
      >
        <Logo />
      </Link>
      {navigationFor(role).map(({ group, pages }) => (
        <div key={group} className="mb-3">
          <p className="px-2 pb-1 text-2xs text-ink-3">{group}</p>
          <ul>
            {pages.map(({ to, label, icon: Icon, ...page }) => (
              <li key={to}>
                <Link
                  to={to}
                  activeOptions={{ includeSearch: false }}
                  {...(onNavigate ? { onClick: onNavigate } : {})}
                  className="flex h-8 items-center gap-2 rounded-md px-2 text-sm pointer-coarse:h-11"
                  activeProps={HERE}
                  inactiveProps={'under' in page && path.startsWith(page.under) ? HERE : ELSEWHERE}
                >
                  <Icon aria-hidden size={16} strokeWidth={1.75} />
                  {label}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </>
  );
}
