import { useQuery } from '@tanstack/react-query';
import { buttonClass } from '@/design/Button';
import { providersQuery } from '../api';

/** Where the platform is set up for it, and nowhere else. A plain link: the browser leaves for Google. */
export function GoogleLink() {
  const { data } = useQuery(providersQuery);
  if (!data?.google) return null;
  return (
    <a href="/v1/auth/google/start" className={buttonClass()}>
      Continue with Google
    </a>
  );
}
