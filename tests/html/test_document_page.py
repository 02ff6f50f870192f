"""The generic page of a document: who sees it, what it offers, what it tells."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from flow import papers
from flow.models import Comment
from orders import actions as orders
from tests.story import Story, scan

HOSTILE = '<script>alert("x")</script>'


@pytest.fixture
def page_of(at_desk: Any) -> Any:
    """The text of an order's page for somebody."""
    return lambda story, who: at_desk(who).get(f"/{story.order.path}/").content.decode()


def test_each_role_is_offered_its_own_actions(page_of: Any, story: Story) -> None:
    story.confirmed()
    verb = f"/{story.order.path}/submit_review/"
    assert verb in page_of(story, "sales_clerk")
    assert verb not in page_of(story, "buyer")


def test_whose_turn_it_is_is_said_to_the_others(page_of: Any, story: Story) -> None:
    story.confirmed()
    page = page_of(story, "buyer")
    assert str(orders.submit_review.label) in page


def test_the_number_and_the_public_id_lead_to_the_same_page(at_desk: Any, story: Story) -> None:
    story.received()
    client = at_desk("sales_clerk")
    assert client.get(f"/orders/order/{story.order.number}/").status_code == 200
    assert client.get(f"/orders/order/{story.order.public_id}/").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/orders/order/{id}/",
        "/orders/order/{number}/",
        "/orders/order/{id}/cancel/",
        "/orders/order/{id}/comment/",
    ],
)
def test_a_stranger_learns_nothing(at_desk: Any, story: Story, address: str) -> None:
    story.received()
    client = at_desk(story.factory.stranger)
    path = address.format(id=story.order.public_id, number=story.order.number)
    method = client.post if "comment" in path else client.get
    answer = method(path)
    nobody = method(path.replace(str(story.order.public_id), str(uuid.uuid4())))
    assert answer.status_code == nobody.status_code == 404
    # The page repeats the address it was asked for; beyond that it must be silent.
    assert "华东电力公司" not in answer.content.decode()


@pytest.mark.parametrize(
    "address", ["/orders/nothing/", "/orders/order/%00/", "/nowhere/", "/orders/order/x/y/"]
)
def test_what_is_not_there_is_said_with_a_way_on(at_desk: Any, story: Story, address: str) -> None:
    answer = at_desk("sales_clerk").get(address)
    assert answer.status_code == 404
    assert 'href="/"' in answer.content.decode()


def test_what_people_typed_is_text_and_never_markup(at_desk: Any, story: Story, page_of: Any) -> None:
    story.received(remark=HOSTILE, is_project=True, project_name=HOSTILE)
    client = at_desk("sales_clerk")
    client.post(f"/{story.order.path}/comment/", {"text": HOSTILE})
    for page in (page_of(story, "sales_clerk"), client.get("/orders/order/").content.decode()):
        assert HOSTILE not in page
    assert Comment.objects.get().text == HOSTILE
    typed = client.post("/orders/order/new/", {"remark": HOSTILE, "lines-0-item": HOSTILE})
    assert typed.status_code == 422
    assert HOSTILE not in typed.content.decode()


def test_a_price_is_shown_only_to_those_who_may_read_it(page_of: Any, story: Story) -> None:
    story.received()
    assert "38000" in page_of(story, "sales_clerk").replace(",", "")
    assert "38000" not in page_of(story, "storekeeper").replace(",", "")


def test_a_comment_is_kept_and_a_blank_one_is_not(at_desk: Any, story: Story, page_of: Any) -> None:
    story.received()
    client = at_desk("buyer")
    client.post(f"/{story.order.path}/comment/", {"text": "铜排已催"})
    client.post(f"/{story.order.path}/comment/", {"text": "   "})
    assert Comment.objects.count() == 1
    assert "铜排已催" in page_of(story, "sales_clerk")


def test_the_time_line_names_what_was_done_and_by_whom(page_of: Any, story: Story) -> None:
    story.confirmed()
    page = page_of(story, "sales_clerk")
    assert str(orders.confirm_requirements.label) in page
    assert "王工" in page


def test_the_lines_do_not_cost_a_query_each(at_desk: Any, story: Story) -> None:
    line = {"item": story.factory.cabinet, "quantity": 1}
    story.received(lines=[line])
    long = Story(story.factory).received(lines=[line] * 30)
    client = at_desk("sales_clerk")
    client.get(f"/{story.order.path}/")
    with CaptureQueriesContext(connection) as few:
        client.get(f"/{story.order.path}/")
    with CaptureQueriesContext(connection) as many:
        client.get(f"/{long.order.path}/")
    assert len(many) == len(few)


class TestFiles:
    """A file is handed out only through its document, and never runs in the page."""

    @pytest.fixture
    def file(self, story: Story) -> Any:
        story.received(is_project=True, project_name="变电站")
        story.confirmed()
        return papers.attached(story.order).get()

    def test_it_is_a_download(self, at_desk: Any, story: Story, file: Any) -> None:
        answer = at_desk("buyer").get(f"/files/{file.public_id}/")
        assert answer.getvalue() == scan().read()
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]

    def test_a_stranger_does_not_get_it(self, at_desk: Any, story: Story, file: Any) -> None:
        assert at_desk(story.factory.stranger).get(f"/files/{file.public_id}/").status_code == 404

    def test_there_is_no_other_way_to_it(self, at_desk: Any, story: Story, file: Any) -> None:
        assert at_desk("buyer").get(f"/media/{file.stored}").status_code == 404


def test_every_page_allows_no_script_but_ours(at_desk: Any, story: Story) -> None:
    story.received()
    answer = at_desk("sales_clerk").get(f"/{story.order.path}/")
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe-inline" not in policy.replace("style-src-attr 'unsafe-inline'", "")
    assert "onclick" not in answer.content.decode()
