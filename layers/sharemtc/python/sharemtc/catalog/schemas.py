"""Responses of the catalog."""

from sharemtc.schemas import View


class TemplateView(View):
    """An image with its minimum size and the user for SSH."""

    id: str
    name: str
    description: str
    image: str
    min_vcpus: int
    min_memory_mib: int
    min_disk_gib: int
    default_user: str


class TemplatePage(View):
    """One page of templates."""

    items: list[TemplateView]
    next_cursor: str | None
