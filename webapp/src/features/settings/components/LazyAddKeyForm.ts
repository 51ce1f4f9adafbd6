import { lazyPage } from '@/lib/lazy-part';

/** Lazy, because a form library comes with it and few visits need it. */
export const AddKeyForm = lazyPage(() => import('./AddKeyForm'), 'AddKeyForm');
