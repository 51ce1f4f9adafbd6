"""The main job through the web console, in a real browser: from a stranger's registration to a proved end."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.e2e.conftest import PASSWORD, Platform

pytestmark = pytest.mark.slow

CHROMIUM = "/usr/bin/chromium"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = Path(__file__).parents[2] / "webapp" / "node_modules" / "axe-core" / "axe.min.js"
BOOT_LIMIT_MS = 120_000
OPEN_PAGES = ("/sign-in", "/forgot-password", "/admin")
# Pages that no navigation leads to; those that one does are read from it.
OTHER_PAGES = ("/provider/add",)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, platform: Platform) -> Iterator[Page]:
    """A page that fails its test on a script error or a server's failure."""
    context = browser.new_context(base_url=platform.cloud.url, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("response", lambda answer: wrong.append(answer.url) if answer.status >= 500 else None)
    yield page
    context.close()
    assert wrong == []


def register(page: Page, email: str) -> None:
    page.goto("/register")
    page.get_by_label("Name").fill("A stranger")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Catalog")


def shoot(page: Page, name: str) -> None:
    """Keep a picture where `SCREENSHOTS` says, for people to look at."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(result => result.violations)")
    return [f"{page.url}: {one['id']}: {one['nodes'][0]['target']}" for one in found]


def linked(page: Page, navigation: str) -> list[str]:
    """The pages that a navigation leads to, as it stands on the page."""
    links = page.get_by_role("navigation", name=navigation, exact=True).get_by_role("link")
    expect(links.first).to_be_visible()
    found: list[str] = links.evaluate_all("links => links.map(link => link.getAttribute('href'))")
    return list(dict.fromkeys(found))


class TestThread:
    def test_a_stranger_rents_reaches_and_ends_a_machine(self, page: Page, platform: Platform) -> None:
        register(page, "browser@example.com")
        self.add_key(page, platform)
        self.deploy(page)
        expect(page.get_by_role("heading", level=1)).to_have_text("web-1")
        shoot(page, "vm-booting")
        command = page.get_by_label("SSH command", exact=True)
        expect(command).to_be_visible(timeout=BOOT_LIMIT_MS)
        expect(page.get_by_text("Running", exact=True).first).to_be_visible()
        assert platform.key.run(command.input_value(), "hostname") == "web-1\n"
        shoot(page, "vm-running")
        vm_path = page.url
        self.cost_ticks(page)
        page.goto("/vms")
        expect(page.get_by_role("table", name="VMs").get_by_role("link", name="web-1")).to_be_visible()
        shoot(page, "vms")
        page.goto(vm_path)
        self.stop_start_terminate(page)
        page.goto("/billing")
        expect(page.get_by_role("table", name="Ledger")).to_contain_text("$")
        shoot(page, "billing")

    @staticmethod
    def add_key(page: Page, platform: Platform) -> None:
        page.get_by_role("link", name="Settings", exact=True).click()
        page.get_by_role("button", name="Add SSH key").first.click()
        page.get_by_label("Public key").fill(platform.key.public)
        page.get_by_label("Key name").fill("laptop")
        page.get_by_role("button", name="Add key", exact=True).click()
        expect(page.get_by_role("list", name="SSH keys")).to_contain_text("SHA256:")
        shoot(page, "settings")

    @staticmethod
    def deploy(page: Page) -> None:
        page.get_by_role("link", name="Catalog", exact=True).click()
        expect(page.get_by_role("table", name="Hosts")).to_be_visible()
        page.get_by_role("button", name=re.compile("^Choose ")).first.click()
        bar = page.get_by_role("region", name=re.compile("^Deploy on "))
        bar.get_by_label("Name", exact=True).fill("web-1")
        expect(bar.get_by_label("Quote", exact=True)).to_contain_text("$")
        shoot(page, "deploy")
        bar.get_by_role("button", name="Deploy", exact=True).click()
        page.wait_for_url(re.compile("/vms/vm_"))

    @staticmethod
    def cost_ticks(page: Page) -> None:
        page.get_by_role("link", name="Cost", exact=True).click()
        totals = page.get_by_label("Totals")
        expect(totals).to_contain_text("$")
        before = totals.inner_text()
        expect(totals).not_to_have_text(before, timeout=30_000)
        shoot(page, "vm-cost")
        page.get_by_role("link", name="Overview", exact=True).click()

    @staticmethod
    def stop_start_terminate(page: Page) -> None:
        page.get_by_role("button", name="Stop", exact=True).click()
        page.get_by_role("button", name="Stop web-1").click()
        expect(page.get_by_text("Stopped", exact=True).first).to_be_visible(timeout=BOOT_LIMIT_MS)
        page.get_by_role("button", name="Start", exact=True).click()
        expect(page.get_by_label("SSH command", exact=True)).to_be_visible(timeout=BOOT_LIMIT_MS)
        page.get_by_role("button", name="Terminate", exact=True).click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Type web-1 to confirm").fill("web-1")
        dialog.get_by_role("button", name="Terminate web-1").click()
        expect(page.get_by_text("Terminated", exact=True).first).to_be_visible(timeout=BOOT_LIMIT_MS)
        shoot(page, "vm-terminated")


class TestEveryPage:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_has_no_barrier_and_survives_a_reload(self, browser: Browser, platform: Platform, scheme: str) -> None:
        context = browser.new_context(base_url=platform.cloud.url, color_scheme=scheme)  # type: ignore[arg-type]
        page = context.new_page()
        found: list[str] = []
        for path in OPEN_PAGES:
            page.goto(path)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            found += violations(page)
            shoot(page, f"{scheme}{path.replace('/', '-')}")
        register(page, f"{scheme}@example.com")
        paths = linked(page, "Main")
        page.goto("/settings")
        paths += linked(page, "Settings sections")
        assert len(paths) > len(OPEN_PAGES) * 2
        for path in (*paths, *OTHER_PAGES):
            page.goto(path)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            expect(page.get_by_role("button", name="Account", exact=True)).to_be_visible()
            page.wait_for_load_state("networkidle")
            found += violations(page)
            shoot(page, f"{scheme}{re.sub('[/?=]', '-', path)}")
        context.close()
        assert found == []

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_of_a_machine_has_no_barrier(self, browser: Browser, platform: Platform, scheme: str) -> None:
        context = browser.new_context(base_url=platform.cloud.url, color_scheme=scheme)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto("/admin")
        page.get_by_label("Email").fill("operator@sharemtc.local")
        page.get_by_label("Password").fill(platform.cloud.operator_password)
        page.get_by_role("button", name="Sign in as operator").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Admin")
        page.goto("/provider")
        page.get_by_role("table", name="Machines").get_by_role("link").first.click()
        page.wait_for_url(re.compile("/provider/machines/hst_"))
        found: list[str] = []
        for tab in ("Overview", "Metrics", "Self-test", "Prices", "Events", "Settings"):
            page.get_by_role("navigation", name="Machine").get_by_role("link", name=tab).click()
            expect(page.get_by_role("button", name="Drain")).to_be_visible()
            page.wait_for_load_state("networkidle")
            found += violations(page)
            shoot(page, f"{scheme}-machine-{tab.lower()}")
        context.close()
        assert found == []

    def test_the_audit_of_an_account_is_verified(self, page: Page) -> None:
        register(page, "audited@example.com")
        page.goto("/settings?tab=audit")
        expect(page.get_by_text("Chain verified")).to_be_visible()
        expect(page.get_by_role("table", name="Security events")).to_be_visible()

    def test_the_operator_comes_in_by_a_door_of_its_own(self, page: Page, platform: Platform) -> None:
        page.goto("/admin")
        page.get_by_label("Email").fill("operator@sharemtc.local")
        page.get_by_label("Password").fill(platform.cloud.operator_password)
        page.get_by_role("button", name="Sign in as operator").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Admin")
        shoot(page, "admin")
        found: list[str] = []
        for path in linked(page, "Admin"):
            page.goto(path)
            page.wait_for_load_state("networkidle")
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                found += violations(page)
                shoot(page, f"{scheme}{path.replace('/', '-')}")
        assert found == []

    def test_what_is_not_there_says_so(self, page: Page) -> None:
        register(page, "lost@example.com")
        page.goto("/vms/vm_00000000000000000000000000")
        expect(page.get_by_text(re.compile("not found|no such", re.IGNORECASE)).first).to_be_visible()

    def test_bad_input_is_told_beside_its_field(self, page: Page) -> None:
        page.goto("/register")
        page.get_by_label("Name").fill("A stranger")
        page.get_by_label("Email").fill("someone@example.com")
        page.get_by_label("Password").fill("short")
        page.get_by_role("button", name="Create account").click()
        expect(page.get_by_label("Password")).to_have_accessible_description(re.compile("12"))
