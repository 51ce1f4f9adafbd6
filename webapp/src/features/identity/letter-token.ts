import { useLocation, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

const tokenOf = (hash: string): string => new URLSearchParams(hash).get('token') ?? '';

/** The token of a letter's link. It leaves the address at once, so that no history or screenshot keeps it. */
export function useLetterToken(to: '/reset-password' | '/confirm-email'): string {
  const { hash } = useLocation();
  const navigate = useNavigate();
  const [token, setToken] = useState(() => tokenOf(hash));
  useEffect(() => {
    // Another letter's link, opened while this page is: its token takes the place of the first.
    if (tokenOf(hash)) setToken(tokenOf(hash));
    if (hash) void navigate({ to, hash: '', replace: true });
  }, [hash, navigate, to]);
  return token;
}
