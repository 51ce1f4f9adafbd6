"""The market as providers see it: what the hosts ask that are heard now."""

from __future__ import annotations

from sharemtc import clock
from sharemtc.hosts.market import Asked, summarise
from sharemtc.hosts.service import HEARD, some_standings
from sharemtc.hosts.supply_schemas import MarketItemView, MarketView
from sharemtc.money import CURRENCY

# of each shard: what the hosts beyond these ask moves no median by much, and reading has an end
MAX_ASKED = 60


def read_market() -> MarketView:
    """Lowest, median and highest price of each thing for sale, over a bounded number of hosts that are heard."""
    asked = [
        Asked(at.prices, frozenset(gpu.model for gpu in at.host.inventory.gpus if not gpu.mig))
        for at in some_standings(MAX_ASKED)
        if at.state in HEARD
    ]
    items = [MarketItemView.model_validate(summary) for summary in summarise(asked)]
    return MarketView(items=items, currency=CURRENCY, as_of=clock.now())
