"""/v1/billing: quotes, the wallet, the ledger and accruals."""

from sharemtc.allocations import quoting
from sharemtc.allocations.refusals import NoCapacity
from sharemtc.billing import service as billing
from sharemtc.billing.schemas import (
    AccrualPage,
    AccrualQuery,
    BalanceView,
    QuoteCreate,
    QuoteView,
    TransactionPage,
)
from sharemtc.http.api import Api
from sharemtc.idempotency import Claim
from sharemtc.principals import ANYONE_SIGNED_IN, Principal
from sharemtc.problems import NotFound
from sharemtc.schemas import PageQuery

app = Api("billing")


@app.operation("POST", "/v1/billing/quotes", status=201, roles=ANYONE_SIGNED_IN, idempotent=True, errors=(NoCapacity,))
def create_quote(caller: Principal, body: QuoteCreate, claim: Claim) -> QuoteView:
    """Get a quote for a machine.

    The price is guaranteed until the quote expires.
    """
    return quoting.quote(caller.user_id, body, claim)


@app.operation("GET", "/v1/billing/balance", roles=ANYONE_SIGNED_IN)
def get_balance(caller: Principal) -> BalanceView:
    """Get the caller's balance, its spending rate and how long it lasts."""
    return billing.read_balance(caller.user_id)


@app.operation("GET", "/v1/billing/ledger", roles=ANYONE_SIGNED_IN)
def list_ledger(caller: Principal, query: PageQuery) -> TransactionPage:
    """List the caller's ledger transactions, newest first, with all entries."""
    return billing.list_ledger(caller.user_id, limit=query.limit, cursor=query.cursor)


@app.operation("GET", "/v1/billing/accruals", roles=ANYONE_SIGNED_IN, errors=(NotFound,))
def list_accruals(caller: Principal, query: AccrualQuery) -> AccrualPage:
    """List the posted windows of an allocation, with rate and amount."""
    return billing.list_accruals(caller.user_id, query.allocation_id, limit=query.limit, cursor=query.cursor)
