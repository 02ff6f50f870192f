"""A person at a browser for every role: clicks what the pages offer and fills in what they ask."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page

from tests.people import PASSWORD
from tests.scenarios.line import Paper

SCREENS = Path(settings.BASE_DIR) / "var" / "screens"
WIDE, NARROW = 1440, 390
NUMBER = re.compile(r"[A-Z]{2,}\d{4}-\d+")
ITEM = "物料"
PICTURE = "/small/1.png"


class ByPages:
    """The face of people. Each role sits at a browser of its own and stays logged in."""

    def __init__(self, browser: Browser, root: str) -> None:
        self.browser, self.root = browser, root
        self.desks: dict[str, Page] = {}
        self.complaints: list[str] = []

    def create(
        self, role: str, kind: str, fields: Any, lines: Any = None, *, under: Paper | None = None
    ) -> Paper:
        """Click “new” on the page of the document it belongs to, else on the list, and fill in the form."""
        page = self.desk(role)
        offer = page.locator(f".act-bar a[href*='/{kind}/new/']")
        if under is not None:
            self.open(page, under)
        if under is None or offer.count() == 0:
            page.goto(f"{self.root}/{kind}/")
            offer = page.locator(f"a.btn-primary[href$='/{kind}/new/']")
        offer.click()
        return self.send(page, kind, fields, lines)

    def do(self, role: str, paper: Paper, verb: str, fields: Any = None, lines: Any = None) -> Paper:
        """Click the button of the verb; where it leads to a form, fill it in."""
        page = self.desk(role)
        self.open(page, paper)
        plain = page.locator(f".act-bar form[action$='/{verb}/'] button")
        if plain.count():
            assert not fields, f"{paper.kind}/{verb} asks nothing"
            assert not lines, f"{paper.kind}/{verb} asks nothing"
            plain.click()
            return self.done(page, paper.kind)
        page.locator(f".act-bar a[href$='/{verb}/']").click()
        return self.send(page, paper.kind, fields, lines)

    def find(self, role: str, kind: str, /, **filters: str) -> list[Paper]:
        """Narrow the list by conditions, as its box offers them; the oldest document first."""
        page = self.desk(role)
        page.goto(f"{self.root}/{kind}/")
        if filters:
            page.click("details.add summary")
            for name, value in filters.items():
                self._narrow(page, name, value)
            with page.expect_navigation():
                page.click(".filter-box .btn-primary")
        rows = page.locator("tr[data-row]").all()
        return [self._in_row(kind, row) for row in reversed(rows)]

    def _narrow(self, page: Page, name: str, value: str) -> None:
        control = page.locator(f".filter-box [name={name}]").first
        if control.get_attribute("type") == "checkbox":
            page.check(f".filter-box [name={name}][value={value}]")
        else:
            control.fill(value)

    def look(self, role: str, paper: Paper) -> Paper:
        """Open the page of the document."""
        page = self.desk(role)
        self.open(page, paper)
        return self.seen(page, paper.kind)

    def rows(self, role: str, paper: Paper) -> list[str]:
        """The codes of the items in the table of its lines."""
        page = self.desk(role)
        self.open(page, paper)
        return [text.split()[0] for text in page.locator(f"td[data-title='{ITEM}']").all_inner_texts()]

    def told(self, role: str, paper: Paper) -> list[str]:
        """The verbs of the time-line on the page of a document, the oldest first, page after page of it."""
        page = self.desk(role)
        self.open(page, paper)
        page.locator("#timeline .tabs a[href*='tab=actions']").click()
        page.wait_for_selector("#timeline .tabs a[href*='tab=actions'][aria-current]")
        earlier = page.locator("#timeline .tl-more a[hx-get]")
        while earlier.count():
            before = page.locator("#timeline li").count()
            earlier.click()
            page.wait_for_selector(f"#timeline li >> nth={before}")
        return page.locator("#timeline li[data-verb]").evaluate_all(
            "rows => rows.map(row => row.dataset.verb)"
        )[::-1]

    def shoot(self, role: str, path: str, name: str) -> None:
        """Keep a picture of a page, wide and on a phone; nothing may stand over its edge."""
        page = self.desk(role)
        page.goto(f"{self.root}{path}")
        SCREENS.mkdir(parents=True, exist_ok=True)
        for width in (NARROW, WIDE):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=SCREENS / f"line-{name}-{width}.png", full_page=True)
            over = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert over <= 0, f"{name} is {over} px too wide at {width}"

    def desk(self, role: str) -> Page:
        """The browser of the person who holds the role, logged in."""
        if role not in self.desks:
            context = self.browser.new_context(locale="zh-CN", viewport={"width": WIDE, "height": 900})
            page = self.desks[role] = context.new_page()
            page.set_default_timeout(20_000)
            page.on("console", self._hear)
            page.on("pageerror", lambda error: self.complaints.append(str(error)))
            page.goto(f"{self.root}/login/")
            page.click(".lang button[lang='zh-hans']")
            page.fill("[name=username]", role)
            page.fill("[name=password]", PASSWORD)
            page.click("main button.btn-primary")
            page.wait_for_url(f"{self.root}/")
        return self.desks[role]

    def _hear(self, said: ConsoleMessage) -> None:
        """What the browser complains of; the files of the tests are no real ones, so they have no picture."""
        if said.type == "error" and not said.location["url"].endswith(PICTURE):
            self.complaints.append(f"{said.text} {said.location['url']}")

    def close(self) -> None:
        """Everybody goes home."""
        for page in self.desks.values():
            page.context.close()

    def open(self, page: Page, paper: Paper) -> None:
        """Go to the page of a document."""
        answer = page.goto(f"{self.root}/{paper.kind}/{paper.id}/")
        assert answer is not None
        assert answer.status == 200, (paper, answer.status)

    def send(self, page: Page, kind: str, fields: Any, lines: Any) -> Paper:
        """Fill in the form that stands open and press its button."""
        button = page.locator("form[data-keep] .act-bar button").first
        button.wait_for()
        for name, value in (fields or {}).items():
            if page.locator(f"form[data-keep] button[name='{name}']").count():
                button = page.locator(f"form[data-keep] button[name='{name}'][value='{value}']")
            else:
                _fill(page.locator(f"form[data-keep] [name='{name}']"), value)
        for index, row in enumerate(lines or []):
            for name, value in row.items():
                _fill(page.locator(f"form[data-keep] [name='lines-{index}-{name}']"), value)
        with page.expect_navigation():
            button.click()
        return self.done(page, kind)

    def done(self, page: Page, kind: str) -> Paper:
        """What the page shows after a step that was granted."""
        page.wait_for_load_state()
        granted = page.locator("main .say-ok").count()
        assert granted, (page.url, page.locator(".say, .field-err, .cell-note").all_inner_texts())
        return self.seen(page, kind)

    def seen(self, page: Page, kind: str) -> Paper:
        """The document whose page stands open."""
        number = NUMBER.search(page.locator("main h1").inner_text())
        state = page.locator("main .head .state").inner_text()
        return Paper(kind, page.url.rstrip("/").rpartition("/")[2], number[0] if number else "", state)

    def _in_row(self, kind: str, row: Locator) -> Paper:
        link = row.locator("td.key a")
        number = NUMBER.search(link.inner_text())
        path = (link.get_attribute("href") or "").rstrip("/")
        return Paper(
            kind, path.rpartition("/")[2], number[0] if number else "", row.locator(".state").inner_text()
        )


def _fill(control: Locator, value: Any) -> None:
    """Type, choose, tick or attach, as the control wants it; what stands there already is left."""
    tag, kind = control.evaluate("element => [element.tagName, element.type]")
    if tag == "SELECT":
        control.select_option(str(value))
    elif kind == "checkbox":
        control.set_checked(bool(value))
    elif kind == "file":
        name, content = value
        control.set_input_files({"name": name, "mimeType": "application/pdf", "buffer": content})
    elif kind == "hidden" and not control.input_value():
        # The page asks this only of somebody who has a choice.
        return
    elif kind == "hidden" or control.input_value() == str(value):
        assert control.input_value() == str(value), (control, value)
    else:
        control.fill(str(value))
