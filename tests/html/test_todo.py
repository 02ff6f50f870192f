"""What is offered: steps that lead on come first, papers only where they can be made, ways out last."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from desk import todo
from flow.policy import Viewer
from orders.models import Order
from tests.story import Story

CREATES = re.compile(r"/(\w+)/new/\?order=")


def offered(story: Story, role: str) -> list[todo.Button]:
    viewer = Viewer.of(story.factory.person(role), timezone.now())
    return todo.buttons(story.order, viewer)


def papers(story: Story, role: str) -> set[str]:
    return {found[1] for one in offered(story, role) if (found := CREATES.search(one.href))}


def primary(story: Story, role: str) -> str | None:
    return next((one.verb for one in offered(story, role) if one.primary), None)


@pytest.mark.rule("ORD-16", "ORD-20")
def test_papers_are_offered_only_where_they_can_be_made(story: Story) -> None:
    story.in_review()
    assert papers(story, "sales_clerk") == set()
    story.approved()
    assert papers(story, "sales_clerk") == {"quotation"}
    story.quoted()
    assert "contract" not in papers(story, "sales_clerk")
    story.accepted()
    assert papers(story, "sales_clerk") == {"quotation", "contract"}
    story.contracted()
    assert papers(story, "finance") == set()
    story.signed()
    assert papers(story, "finance") == {"payment", "invoice"}
    assert papers(story, "prod_mgr") == set()
    story.instructed()
    assert papers(story, "prod_mgr") == {"plan"}


def test_the_primary_button_leads_on_and_never_out(story: Story) -> None:
    story.approved()
    assert primary(story, "sales_clerk") == "orders.quotation.create"
    story.quoted()
    assert "orders.order.mark_lost" in {one.verb for one in offered(story, "sales_clerk")}
    assert primary(story, "sales_clerk") is None
    story.accepted()
    assert primary(story, "sales_clerk") == "orders.contract.create"


def test_the_form_of_a_paper_that_cannot_be_made_says_why(at_desk: Any, story: Story) -> None:
    story.in_review()
    answer = at_desk("sales_clerk").get("/orders/quotation/new/", {"order": story.order.number})
    assert answer.status_code == 409
    assert "In review" in answer.content.decode()


def test_a_step_with_a_condition_of_its_own_is_offered_where_it_holds(story: Story) -> None:
    story.approved()
    verbs = {one.verb for one in offered(story, "sales_clerk")}
    assert "orders.order.agree_conditions" not in verbs
    assert "orders.order.approve_important" not in {one.verb for one in offered(story, "senior_mgmt")}
    Order.objects.filter(pk=story.order.pk).update(conditions="延期至月底", is_important=True)
    assert "orders.order.agree_conditions" in {one.verb for one in offered(story, "sales_clerk")}
    assert primary(story, "senior_mgmt") == "orders.order.approve_important"


def test_what_waits_names_the_next_paper_not_the_way_out(story: Story) -> None:
    story.accepted()
    viewer = Viewer.of(story.factory.person("sales_clerk"), timezone.now())
    waiting = todo.waiting(Order, viewer, ())
    assert waiting is not None
    ((order, steps),) = waiting.rows
    assert order == story.order
    assert [str(label) for label, _where in steps] == ["Draft contract"]


def test_the_page_of_the_order_offers_the_steps_on_its_papers(at_desk: Any, story: Story) -> None:
    story.effective()
    page = at_desk("sales_clerk").get(f"/{story.order.path}/").content.decode()
    assert f'href="/{story.instruction.path}/issue/"' in page
    page = at_desk("buyer").get(f"/{story.order.path}/").content.decode()
    assert f'href="/{story.instruction.path}/issue/"' not in page


def test_who_is_awaited_is_named_to_the_others(at_desk: Any, story: Story) -> None:
    story.signed()
    page = at_desk("sales_clerk").get(f"/{story.order.path}/").content.decode()
    assert "Create payment（Finance）" in page


def test_a_decision_is_never_taken_by_the_first_entry_of_a_choice(at_desk: Any, story: Story) -> None:
    story.in_review()
    page = at_desk("order_desk").get(f"/{story.round.path}/give_opinion/").content.decode()
    assert 'name="decision" value="feasible"' in page
    assert '<select name="decision"' not in page
    # Enter in a field presses the first button of a form: that one decides nothing.
    first = page.partition('name="version"')[2].partition("<button")[2].partition(">")[0]
    assert "name=" not in first
    page = at_desk("sales_clerk").get(f"/{Story(story.factory).received().order.path}/confirm_requirements/")
    assert '<option value="" selected>Please choose</option>' in page.content.decode()


def test_amounts_are_written_as_the_factory_does(at_desk: Any, story: Story) -> None:
    story.quoted()
    for language in ("en", "zh-hans"):
        client = at_desk("sales_clerk")
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        assert "¥ 76,000.00" in client.get(f"/{story.quotation.path}/").content.decode(), language
    export = (
        at_desk("sales_clerk").get("/orders/quotation/", {"format": "csv"}).getvalue().decode("utf-8-sig")
    )
    assert ",76000" in export
    assert "¥" not in export
