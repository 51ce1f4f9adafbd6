import { useLocation, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

/** The token in the hash of an emailed link; empty where there is none. */
export const tokenOf = (hash: string): string => new URLSearchParams(hash).get('token') ?? '';

/** The token of an emailed link. It leaves the address at once, so that no history or screenshot keeps it. */
export function useEmailToken(to: '/reset-password' | '/confirm-email'): string {
  const { hash } = useLocation();
  const navigate = useNavigate();
  const [token, setToken] = useState(() => tokenOf(hash));
  useEffect(() => {
    // Another link, opened in the same tab: its token replaces the first.
    if (tokenOf(hash)) setToken(tokenOf(hash));
    if (hash) void navigate({ to, hash: '', replace: true });
  }, [hash, navigate, to]);
  return token;
}
