"""/v1/billing: quotes, the wallet, the ledger and what was posted."""

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
    """Price a machine. The price is honoured until the quote expires."""
    return quoting.quote(caller.user_id, body, claim)


@app.operation("GET", "/v1/billing/balance", roles=ANYONE_SIGNED_IN)
def get_balance(caller: Principal) -> BalanceView:
    """The caller's money now, what burns it and how long it lasts."""
    return billing.read_balance(caller.user_id)


@app.operation("GET", "/v1/billing/ledger", roles=ANYONE_SIGNED_IN)
def list_ledger(caller: Principal, query: PageQuery) -> TransactionPage:
    """The caller's ledger, newest first, with both sides of every transaction."""
    return billing.list_ledger(caller.user_id, limit=query.limit, cursor=query.cursor)


@app.operation("GET", "/v1/billing/accruals", roles=ANYONE_SIGNED_IN, errors=(NotFound,))
def list_accruals(caller: Principal, query: AccrualQuery) -> AccrualPage:
    """What was posted for an allocation: every window with its rate and its amount."""
    return billing.list_accruals(caller.user_id, query.allocation_id, limit=query.limit, cursor=query.cursor)
