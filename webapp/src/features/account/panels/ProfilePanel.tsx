import { AccountDeletion } from '../components/AccountDeletion';
import { Profile } from '../components/Profile';

export default function ProfilePanel() {
  return (
    <div className="grid gap-4">
      <Profile />
      <AccountDeletion />
    </div>
  );
}
