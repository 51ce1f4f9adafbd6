import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { type Appearance, appearance, setAppearance } from '@/lib/appearance';
import { preferencesQuery, savePreferencesMutation } from './api';

/**
 * Makes the console look as the account has chosen, on whatever machine it is opened. Returns a key that changes when
 * times have to be written anew because this browser had written them another way.
 */
export function useChosenPreferences(): number {
  const { data } = useQuery(preferencesQuery);
  const [writing, setWriting] = useState(0);
  useEffect(() => {
    // Nothing was chosen yet: the browser's own look stays, and its time zone.
    if (!data?.updated_at) return;
    const { theme, density, language, timezone } = data;
    const before = appearance.get();
    setAppearance({ theme, density, language, timezone });
    if (before.language !== language || before.timezone !== timezone) setWriting((count) => count + 1);
  }, [data]);
  return writing;
}

/** Applies a choice at once and stores it on the account. When that fails it lasts in this browser only. */
export function usePreferences() {
  const save = useMutation(savePreferencesMutation);
  const choose = (change: Partial<Appearance>) => {
    setAppearance(change);
    save.mutate(change);
  };
  return { choose, error: save.error, saving: save.isPending, saved: save.isSuccess };
}
