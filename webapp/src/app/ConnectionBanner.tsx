import { WifiOff } from 'lucide-react';
import { useConnection } from '@/lib/hooks';

const TEXT = {
  offline: 'You are offline. The page shows the last known state; changes are disabled until you reconnect.',
  unreachable: 'The server is not responding. The page shows the last known state.',
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
