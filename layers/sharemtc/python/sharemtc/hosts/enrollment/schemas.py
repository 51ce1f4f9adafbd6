"""Enrollment codes in the API."""

from pydantic import Field

from sharemtc.hosts.kinds import CodeState
from sharemtc.hosts.schemas import Name
from sharemtc.schemas import Instant, Schema, View


class EnrollmentCodeView(View):
    """A single-use code, shown once, with the command that installs the agent and uses it."""

    id: str = Field(examples=["enr_01J9ZK3V8Q4M7T2N5R6S8W0X1Y"])
    code: str
    expires_at: Instant
    install_command: str


class EnrollmentCodeStateView(View):
    """The state of a code; `host_id` is the host that used it."""

    id: str = Field(examples=["enr_01J9ZK3V8Q4M7T2N5R6S8W0X1Y"])
    state: CodeState
    host_id: str | None
    expires_at: Instant


class EnrollmentCodeCreate(Schema):
    """A code for one host, with an optional name for it."""

    name: Name | None = None
