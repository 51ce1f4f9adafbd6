"""The page of the API's documentation, in a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from infrastructure.local.paths import WEB_DIST
from playwright.sync_api import Page, expect, sync_playwright
from tests.e2e.test_console import CHROMIUM, QUIET
from tests.infrastructure.gateway import Gateway, running_gateway

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running_gateway(tmp_path_factory.mktemp("gateway"), web=WEB_DIST) as running:
        yield running


@pytest.fixture(params=["light", "dark"])
def page(gateway: Gateway, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page that fails its test on a script error, a breach of the content policy, or a request to elsewhere."""
    origin = f"http://127.0.0.1:{gateway.port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        context = browser.new_context(base_url=origin, color_scheme=request.param)
        page = context.new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on("request", lambda asked: None if asked.url.startswith(origin) else wrong.append(asked.url))
        yield page
        browser.close()
    assert wrong == []


def test_shows_a_quick_start_and_finds_operations(page: Page) -> None:
    page.goto("/v1/docs")
    expect(page.get_by_role("heading", name="Quick start")).to_be_visible()
    expect(page.locator("pre", has_text="curl -s")).to_be_visible()
    expect(page.locator("pre", has_text="from sharemtc_client import")).to_be_visible()
    page.get_by_role("searchbox").fill("rent vm")
    expect(page.locator(".opblock")).to_have_count(1)
    expect(page.locator(".opblock")).to_contain_text("/v1/resources/vms")


def test_shows_the_problem_that_a_problem_type_names(page: Page) -> None:
    page.goto("/v1/docs#no_capacity")
    expect(page.locator("tr:focus")).to_contain_text("no_capacity")
    expect(page.locator("tr:focus")).to_be_in_viewport()


def test_sends_a_request_with_the_token_given(page: Page, gateway: Gateway) -> None:
    page.goto("/v1/docs")
    page.get_by_role("button", name="Authorize").click()
    page.get_by_label("Value").first.fill("the-token")
    page.get_by_label("Apply credentials").first.click()
    page.get_by_role("button", name="Close").first.click()
    page.get_by_role("searchbox").fill("get ssh-keys")
    page.locator(".opblock-summary-control").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table")).to_contain_text("200")
    assert gateway.upstream.seen[-1].values("authorization") == ["Bearer the-token"]
