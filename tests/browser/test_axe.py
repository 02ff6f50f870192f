"""People who see little, or use no mouse: axe finds no serious fault on the main pages, light and dark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

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

AXE = Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not AXE.exists(), reason="axe-core was not fetched: bin/assets dev"),
]
CHECK = """async (rules) => {
    const options = { resultTypes: ["violations"] };
    if (rules.length) options.runOnly = { type: "rule", values: rules };
    const { violations } = await axe.run(document, options);
    return violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .flatMap(({ id, nodes }) => nodes.map(({ target, html, any }) =>
            `${id}: ${target.join(" ")} ${html.slice(0, 160)} ${any[0] ? any[0].message : ""}`));
}"""


def faults(desk: Desk, stops: list[Stop]) -> list[str]:
    """What axe holds against these pages; in the dark only colours can differ."""
    found: list[str] = []
    for theme, rules in (("light", []), ("dark", ["color-contrast"])):
        desk.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for stop in stops:
            if desk.visit(stop.path) >= 500:
                found.append(f"{stop.name} answers with trouble")
            # As the browser's own tools do: no script is added to the page, whose policy would refuse it.
            desk.page.evaluate(AXE.read_text())
            found += [f"{stop.name} {theme}: {fault}" for fault in desk.page.evaluate(CHECK, rules)]
    return found


def none_of(found: list[str]) -> None:
    assert not found, "\n".join(found)


@pytest.mark.parametrize("width", [1440, 390])
def test_a_clerk_finds_no_barrier(desks: Any, story: Story, width: int) -> None:  # noqa: F811
    furnish(story)
    desk = desks(width)
    barriers = faults(desk, [LOG_IN])
    desk.log_in("sales_clerk")
    barriers += faults(desk, of_everybody(story) + of_the_clerk())
    none_of(barriers)


def test_a_production_manager_finds_no_barrier(desks: Any, story: Story) -> None:  # noqa: F811
    story.planned()
    desk = desks()
    desk.log_in("prod_mgr")
    none_of(faults(desk, [*of_everybody(story), Stop("plan", f"/{story.plan.path}/")]))


def test_an_administrator_finds_no_barrier(desks: Any, story: Story) -> None:  # noqa: F811
    furnish(story)
    administrator(story)
    desk = desks()
    desk.log_in("admin")
    none_of(faults(desk, of_the_admin(story)))
