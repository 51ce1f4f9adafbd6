import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { CircleQuestionMark, LogOut, Settings, UserRound } from 'lucide-react';
import { MenuButton } from '@/design/MenuButton';
import { signOut } from '@/features/identity';
import { useSession } from '@/lib/hooks';

export function AccountMenu({ onHelp }: { onHelp: () => void }) {
  const session = useSession();
  const navigate = useNavigate();
  const queries = useQueryClient();
  if (session.status !== 'signed-in') return null;
  const { name, email } = session.user;
  return (
    <MenuButton
      tone="ghost"
      size="icon"
      aria-label="Account"
      menuLabel="Account"
      header={
        <>
          <p className="font-medium break-words">{name}</p>
          <p className="text-xs break-all text-ink-2">{email}</p>
        </>
      }
      items={[
        { label: 'Settings', icon: Settings, onSelect: () => void navigate({ to: '/settings' }) },
        { label: 'Help and shortcuts', icon: CircleQuestionMark, onSelect: onHelp },
        {
          label: 'Sign out',
          icon: LogOut,
          // The session ends here even when the server cannot be told; the failure is not the reader's to mend.
          onSelect: () => void signOut(queries).catch(() => undefined),
        },
      ]}
    >
      <UserRound aria-hidden size={16} />
    </MenuButton>
  );
}
