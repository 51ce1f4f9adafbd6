import { WifiOff } from 'lucide-react';
import { useConnection } from '@/lib/hooks';

const TEXT = {
  offline:
    'You are offline. What you see is the last state known; nothing can be changed until you are back.',
  unreachable: 'The server does not answer. What you see is the last state known.',
};

export function ConnectionBanner() {
  const connection = useConnection();
  return (
    <div role="status">
      {connection !== 'online' && (
        <p className="flex items-center gap-2 border-b border-warn bg-warn-bg px-4 py-2 text-warn lg:px-6">
          <WifiOff aria-hidden size={14} className="shrink-0" />
          {TEXT[connection]}
        </p>
      )}
    </div>
  );
}
