import { PasswordForm } from '../components/PasswordForm';
import { SignInList } from '../components/SignInList';

export default function SecurityPanel() {
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
      <PasswordForm />
      <SignInList />
    </div>
  );
}
