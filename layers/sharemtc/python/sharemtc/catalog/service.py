"""Reads templates, and creates the platform's own."""

from __future__ import annotations

from sharemtc import clock
from sharemtc.catalog.table import Template
from sharemtc.problems import Conflict, FieldError, Invalid
from sharemtc.resources import Demand
from sharemtc.storage.pages import Page, page
from sharemtc.storage.transactions import Transaction

PUBLIC = "public"


def find_template(template_id: str, pointer: str = "/template_id") -> Template:
    """Errors: `Invalid` naming `pointer`."""
    template = Template.find(f"TEMPLATE#{template_id}", "TEMPLATE")
    if template is None:
        raise Invalid(errors=(FieldError(pointer, "unknown", "There is no such template."),))
    return template


def check_size(template: Template, demand: Demand) -> None:
    """Errors: `Invalid` naming each field below the template's minimum."""
    wrong = tuple(
        FieldError(f"/{name}", "too_small", f"{template.name} needs at least {least}.")
        for name in ("vcpus", "memory_mib", "disk_gib")
        if getattr(demand, name) < (least := getattr(template.least, name))
    )
    if wrong:
        raise Invalid(errors=wrong)


def list_templates(*, limit: int, cursor: str | None) -> Page[Template]:
    return page(Template.by_visibility, PUBLIC, limit=limit, cursor=cursor, newest_first=False)


def ensure_platform_templates() -> None:
    """Create the platform's own templates. Idempotent."""
    tiny = Template(
        "TEMPLATE#tpl_00000000000000000000000001",
        "TEMPLATE",
        id="tpl_00000000000000000000000001",
        visibility=PUBLIC,
        name="Tiny Linux",
        description="Linux with BusyBox and an SSH server. Boots in seconds; its disk keeps home and host keys.",
        image="tiny",
        min_vcpus=1,
        min_memory_mib=128,
        min_disk_gib=1,
        default_user="root",
        created_at=clock.now(),
    )
    transaction = Transaction()
    transaction.create(tiny, refused=Conflict())
    try:
        transaction.commit()
    except Conflict:
        return
