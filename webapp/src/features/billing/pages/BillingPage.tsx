import { Page } from '@/design/Page';
import { BalanceSummary } from '../components/BalanceSummary';
import { Ledger } from '../components/Ledger';

export function BillingPage() {
  return (
    <Page title="Billing" summary="What you have, what it burns, and every line that changed it.">
      <div className="grid gap-4">
        <BalanceSummary />
        <Ledger />
      </div>
    </Page>
  );
}
