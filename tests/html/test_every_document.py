"""Each declared document gets its pages from the declaration alone: none may fail for anybody."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import pytest
from django.utils import timezone

from deadlines.models import Deadline
from flow import html, policy
from flow.actions import actions_of, creation_of
from flow.policy import Viewer
from flow.screens import Screen
from org.roles import Role
from tests.story import Story

ROLES = ("sales_clerk", "planner", "prod_mgr", "storekeeper", "gm", "finance")


@pytest.fixture
def told(story: Story) -> Story:
    """An order carried as far as this story goes in one breath."""
    story.planned()
    return story


def documents(story: Story) -> list[Any]:
    """Every document of the order's case and of those that serve it."""
    found: list[Any] = []
    for screen in html.screens():
        found += screen.model._default_manager.select_related("company", "case")
    return found


def test_the_pages_of_a_whole_order_open_for_everybody(at_desk: Any, told: Story) -> None:
    written = documents(told)
    assert len({type(document) for document in written}) > 8
    for role in ROLES:
        client = at_desk(role)
        viewer = Viewer.of(told.factory.person(role), timezone.now())
        for document in written:
            seen = policy.visible_to(type(document), viewer).filter(pk=document.pk).exists()
            answer = client.get(f"/{document.path}/").status_code
            assert answer == (200 if seen else 404), (role, document)


def test_every_step_has_a_form_an_answer_or_a_refusal(at_desk: Any, told: Story) -> None:
    clients = {role: at_desk(role) for role in Role.values}
    seen = set()
    for document in documents(told):
        for action in actions_of(type(document)):
            if action.creates or not action.has_face:
                continue
            answer = clients[min(action.roles_for(document) or action.may)].get(
                f"/{document.path}/{action.name}/"
            )
            assert answer.status_code in (200, 403, 409), action.verb
            seen.add(answer.status_code)
    assert {200, 409} <= seen


def test_every_empty_form_of_a_new_document_opens(at_desk: Any, told: Story) -> None:
    for screen in Screen.registry.values():
        if creation := creation_of(screen.model):
            client = at_desk(min(creation.may))
            path = f"{html.list_href(screen.model)}new/"
            assert client.get(path).status_code == 200, creation.verb
            # Of an order that does not allow it, the form says why instead.
            assert client.get(path, {"order": told.order.number}).status_code in (200, 409), creation.verb
            assert client.post(path, {}).status_code in (409, 422), creation.verb


def test_every_list_opens_sorts_and_exports(at_desk: Any, told: Story) -> None:
    client = at_desk("gm")
    for screen in Screen.registry.values():
        path = html.list_href(screen.model)
        assert client.get(path).status_code == 200, path
        for name in screen.columns:
            assert client.get(path, {"ordering": f"-{name}"}).status_code in (200, 400), (path, name)
        text = client.get(path, {"format": "csv"}).getvalue().decode("utf-8-sig")
        assert next(iter(csv.reader(StringIO(text)))), path


def test_the_whole_case_is_told_on_the_page_of_the_order(at_desk: Any, told: Story) -> None:
    page = at_desk("sales_clerk").get(f"/{told.order.path}/").content.decode()
    for document in (told.quotation, told.contract, told.instruction, told.plan):
        assert f'href="/{document.path}/"' in page
    labels = {str(a.label) for model in (type(told.contract), type(told.plan)) for a in actions_of(model)}
    assert any(label in page for label in labels)


def test_every_home_opens(at_desk: Any, told: Story) -> None:
    for role in Role.values:
        assert at_desk(role).get("/").status_code == 200


def test_the_workbench_shows_my_clocks_with_what_is_left(at_desk: Any, told: Story) -> None:
    mine = [
        row for row in Deadline.objects.filter(state=Deadline.State.OPEN) if "|prod_mgr|" in row.owner_roles
    ]
    page = at_desk("prod_mgr").get("/").content.decode()
    for row in mine:
        assert f'href="/{row.path}/"' in page
    assert mine or Deadline.objects.exists()
