"""Nothing leaves the machine: no page asks another host, and none offends against its own policy."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import ConsoleMessage, Request

from tests.browser.main_pages import (
    LOG_IN,
    Stop,
    administrator,
    furnish,
    of_everybody,
    of_the_admin,
    of_the_clerk,
)
from tests.browser.test_pages import Desk, desks  # noqa: F401
from tests.story import Story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# Everything a browser may send away, wherever it was written: what is inside the page itself stays inside.
INSIDE = ("data", "blob", "about")
# Each is borrowed from others and fetched at set-up; each must stand alone.
VENDOR = ("htmx.min.js", "Sortable.min.js", "echarts.min.js", "tabler.css")


class Watch:
    """What a browser asked of whom, and what it complained of under the policy of the pages."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.host = urlsplit(desk.root).netloc
        self.abroad: list[str] = []
        self.asked: set[str] = set()
        self.refused: list[str] = []
        desk.page.context.on("request", self._asked)
        desk.page.context.on("console", self._said)
        # Told by the browser itself, also where it writes nothing to its console.
        desk.page.add_init_script(
            "addEventListener('securitypolicyviolation', (e) => console.error("
            "`Content Security Policy: ${e.effectiveDirective} ${e.blockedURI} ${e.sourceFile}`))"
        )

    def tour(self, stops: list[Stop]) -> None:
        for stop in stops:
            assert self.desk.visit(stop.path) < 500, stop.name
            self.desk.page.wait_for_load_state("networkidle")

    def nothing_left(self) -> None:
        assert self.abroad == []
        assert self.refused == []

    def _asked(self, request: Request) -> None:
        found = urlsplit(request.url)
        self.asked.add(found.path)
        if found.scheme not in INSIDE and found.netloc != self.host:
            self.abroad.append(f"{request.url} on {request.frame.url}")

    def _said(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Content-Security-Policy" in message.text:
            self.refused.append(message.text)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_the_desk_asks_anybody_else(desks: Any, story: Story, scheme: str) -> None:  # noqa: F811
    furnish(story)
    desk = desks(color_scheme=scheme)
    watch = Watch(desk)
    watch.tour([LOG_IN])
    desk.log_in("sales_clerk")
    watch.tour(of_everybody(story) + of_the_clerk())
    desk.page.keyboard.press("Control+k")
    desk.page.keyboard.type("KG")
    desk.page.wait_for_selector("#palette-list [role=option]")
    watch.nothing_left()
    assert any(path.endswith("/shell.js") for path in watch.asked)


def test_the_back_office_asks_nobody_else(desks: Any, story: Story) -> None:  # noqa: F811
    furnish(story)
    administrator(story)
    desk = desks()
    watch = Watch(desk)
    desk.log_in("admin")
    watch.tour(of_the_admin(story))
    watch.nothing_left()


def test_the_help_of_the_api_asks_nobody_else(desks: Any, story: Story) -> None:  # noqa: F811
    desk = desks()
    watch = Watch(desk)
    desk.log_in("sales_clerk")
    watch.tour([Stop("help", "/api/v1/docs/")])
    watch.nothing_left()


@pytest.mark.parametrize("name", VENDOR)
def test_what_is_borrowed_stands_alone(desks: Any, story: Story, name: str) -> None:  # noqa: F811
    """Loaded by itself on a page of ours, it asks nobody and offends nobody."""
    if not (settings.BASE_DIR / "static" / "vendor" / name).exists():
        pytest.skip(f"{name} was not fetched: bin/assets base")
    desk = desks()
    watch = Watch(desk)
    watch.tour([LOG_IN])
    tag = ("link", "href") if name.endswith(".css") else ("script", "src")
    desk.page.evaluate(
        """([tag, where, path]) => new Promise((done, failed) => {
            const added = document.createElement(tag);
            added.onload = done;
            added.onerror = failed;
            added[where] = path;
            if (tag === "link") added.rel = "stylesheet";
            document.head.append(added);
        })""",
        [*tag, f"{desk.root}/static/vendor/{name}"],
    )
    desk.page.wait_for_load_state("networkidle")
    assert f"/static/vendor/{name}" in watch.asked
    watch.nothing_left()
