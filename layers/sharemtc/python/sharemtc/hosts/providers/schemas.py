"""Providers in the API."""

from typing import Annotated

from pydantic import Field

from sharemtc.hosts.kinds import ProviderState, ProviderTier
from sharemtc.schemas import Instant, Schema, View
from sharemtc.wire import TextRule


class ProviderView(View):
    """A provider. `version` is 0 for a user who is not a provider yet."""

    id: str = Field(examples=["usr_01J9ZK3V8Q4M7T2N5R6S8W0X1Y"])
    display_name: str
    tier: ProviderTier
    state: ProviderState
    state_reason: str
    draining: bool = Field(description="Whether operators drain all of its hosts")
    created_at: Instant
    version: int


DisplayName = Annotated[str, TextRule(80, min_chars=1)]


class ProfileSet(Schema):
    """A provider's profile."""

    display_name: DisplayName = Field(examples=["Ada's machines"])
