"""Queries, bodies and responses of risks."""

from typing import Annotated

from pydantic import Field

from sharemtc.risks.kinds import RiskKind, RiskState, Severity
from sharemtc.schemas import Instant, PageQuery, Schema, View
from sharemtc.wire import TextRule

MAX_NOTE_CHARS = 500


class RiskQuery(PageQuery):
    """Filters of risks. Without `state`: all that are not resolved."""

    state: RiskState | None = None
    severity: Severity | None = None
    kind: RiskKind | None = None


class RiskAcknowledge(Schema):
    """Acknowledges a risk; `note` says what is done about it."""

    note: Annotated[str, TextRule(MAX_NOTE_CHARS)] = ""


class RiskView(View):
    """A risk of one resource. `count` is how often a rule saw it since it opened.

    `version` grows with decisions and changes of severity, not each time it is seen.
    """

    id: str = Field(examples=["rsk_6f1ed002ab5595859014ebf0951522d9"])
    kind: RiskKind
    severity: Severity
    resource_type: str = Field(examples=["host"])
    resource_id: str
    owner_id: str | None
    detail: str
    state: RiskState
    count: int = Field(validation_alias="sightings")
    first_seen_at: Instant
    last_seen_at: Instant
    acknowledged_by: str | None
    acknowledged_at: Instant | None
    note: str
    resolved_at: Instant | None
    version: int


class RiskPage(View):
    """Risks, the newest first."""

    items: tuple[RiskView, ...]
    next_cursor: str | None
