import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { TriangleAlert, Wallet } from 'lucide-react';
import { cn } from '@/design/cn';
import { Skeleton } from '@/design/states';
import { balanceQuery } from '../api';
import { runwayText, runwayTone } from '../model';

const STYLE = {
  plain: 'border-control bg-surface text-ink-2 hover:bg-sunken',
  low: 'border-warn bg-warn-bg text-warn',
  critical: 'border-bad bg-bad-bg text-bad',
};

/** What is left, what it burns, how long it lasts. On every page. */
export function Runway() {
  const { data, isPending } = useQuery(balanceQuery);
  if (!data) return isPending ? <Skeleton className="h-control w-24 sm:w-52" /> : null;
  const { available, burn, lasts } = runwayText(data);
  const tone = runwayTone(data);
  const Icon = tone === 'plain' ? Wallet : TriangleAlert;
  return (
    <Link
      to="/billing"
      className={cn(
        'flex h-control items-center gap-2 rounded-md border px-2.5 text-xs whitespace-nowrap',
        STYLE[tone],
      )}
    >
      <Icon aria-hidden size={14} className="max-sm:hidden" />
      <span className="sr-only">Balance </span>
      <b className={cn('font-semibold', tone === 'plain' && 'text-ink')}>{available}</b>
      {burn && <span className="max-sm:hidden">{burn}</span>}
      {lasts && (
        <span>
          <span className="max-sm:sr-only">lasts </span>
          <b className={cn('font-semibold', tone === 'plain' && 'text-ink')}>{lasts}</b>
        </span>
      )}
    </Link>
  );
}
