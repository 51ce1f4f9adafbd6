import { Page } from '@/design/Page';
import { BalanceSummary } from '../components/BalanceSummary';
import { Ledger } from '../components/Ledger';

export function BillingPage() {
  return (
    <Page title="Billing" summary="Your balance, current spending and all transactions.">
      <div className="grid gap-4">
        <BalanceSummary />
        <Ledger />
      </div>
    </Page>
  );
}
