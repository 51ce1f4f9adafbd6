import { ArrowRight } from 'lucide-react';
import { Button } from '@/design/Button';
import { formatRate } from '@/lib/money';
import { type Alternative, type Size, sizeText } from '../model';

interface AlternativeButtonProps {
  alternative: Alternative;
  /** What was asked for. */
  size: Size | undefined;
  onTake: (alternative: Alternative) => void;
}

/** The next best in one click: the same size elsewhere, or what is left of it. */
export function AlternativeButton({ alternative, size, onTake }: AlternativeButtonProps) {
  const { hostName, rateNanosPerHour } = alternative;
  const same = size !== undefined && sizeText(size) === sizeText(alternative.size);
  return (
    <Button size="sm" className="justify-self-start" onClick={() => onTake(alternative)}>
      <ArrowRight aria-hidden size={12} />
      {same ? `Use ${hostName} instead` : `Use ${sizeText(alternative.size)} on ${hostName}`}, ≈
      {formatRate(rateNanosPerHour)}/hr
    </Button>
  );
}
