"""What goes out over HTTP for templates."""

from sharemtc.schemas import View


class TemplateView(View):
    """An image with the least machine that it runs on and the user to sign in as."""

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
