"""One step on many documents: each by itself, with the reasons of those that were left out."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from desk import bulk
from flow.models import Event
from flow.policy import Viewer
from flow.screens import screen_of
from integration import working
from integration.models import Job
from integration.outbox import Times
from orders.models import Order
from tests.goods import Factory
from tests.people import NINE
from tests.story import Story

pytestmark = pytest.mark.django_db
VERB = "orders.order.submit_review"


def confirmed(story: Story, count: int) -> list[Any]:
    """Orders whose review may begin."""
    return [Story(story.factory).confirmed().order for _ in range(count)]


def posted(orders: list[Any], verb: str = "submit_review", **more: Any) -> dict[str, Any]:
    ids = [str(order.public_id) for order in orders]
    return {"label": "orders.order", "verb": verb, "ids": ids, "query": "", **more}


def begun() -> int:
    """How many reviews were begun."""
    return Event.objects.filter(verb=VERB).count()


def test_only_plain_steps_that_are_ones_own_are_offered(story: Story, factory: Factory) -> None:
    def verbs(who: str) -> set[str]:
        return {a.name for a in bulk.verbs(screen_of(Order), Viewer.of(factory.person(who), NINE))}

    assert {"mark_lost", "submit_review"} <= verbs("sales_clerk")
    # A needed file, a form that begins with what the document says, a creation; and what others do.
    assert not verbs("sales_clerk") & {"cancel", "edit", "receive", "approve_important"}
    assert not verbs("assembler")


def test_the_question_says_what_will_be_left_out(at_desk: Any, story: Story) -> None:
    orders = [*confirmed(story, 2), Story(story.factory).received().order]
    page = at_desk("sales_clerk").post("/bulk/", posted(orders))
    text = page.content.decode()
    assert page.status_code == 200
    assert "Will be left out" in text
    assert f">{orders[2]}</a>" in text
    assert f">{orders[0]}</a>" not in text
    assert "(2)</button>" in text
    assert 'type="file"' not in text
    assert begun() == 0


def test_the_good_ones_are_done_and_the_others_told(at_desk: Any, story: Story) -> None:
    orders = [*confirmed(story, 3), Story(story.factory).received().order]
    client = at_desk("sales_clerk")
    answer = client.post("/bulk/", posted(orders, sure="1"))
    job = Job.objects.get()
    assert (job.state, job.done, job.refused) == ("done", 4, 1)
    assert begun() == 3
    assert answer.headers["Location"] == f"/{job.path}/"
    page = client.get(f"/{job.path}/").content.decode()
    assert "3 done, 1 left out" in page
    assert str(orders[3]) in page
    assert "is not possible while" in page


def test_when_all_are_done_one_is_back_at_the_list(at_desk: Any, story: Story) -> None:
    client = at_desk("sales_clerk")
    data = posted(confirmed(story, 2), sure="1") | {"query": "state=confirmed&ordering=number"}
    answer = client.post("/bulk/", data, follow=True)
    assert answer.redirect_chain == [("/orders/order/?state=confirmed&ordering=number", 302)]
    assert "2 done, 0 left out" in answer.content.decode()


def test_a_common_form_is_judged_before_anything_is_done(at_desk: Any, story: Story) -> None:
    orders = confirmed(story, 2)
    page = at_desk("sales_clerk").post("/bulk/", posted(orders, "mark_lost", sure="1", reason=""))
    assert page.status_code == 422
    assert "This field is required" in page.content.decode()
    assert Job.objects.count() == 0


def test_all_of_a_filter_are_found_anew(at_desk: Any, story: Story) -> None:
    confirmed(story, 3)
    Story(story.factory).received()
    data = {
        "label": "orders.order",
        "verb": "submit_review",
        "all": "1",
        "query": "state=confirmed",
        "sure": "1",
    }
    at_desk("sales_clerk").post("/bulk/", data)
    assert begun() == 3
    assert Job.objects.get().refused == 0


def test_a_stranger_reaches_nothing(at_desk: Any, story: Story) -> None:
    orders = confirmed(story, 2)
    client = at_desk(story.factory.stranger)
    assert client.post("/bulk/", posted(orders, sure="1")).status_code == 302
    assert client.post("/bulk/", posted([], all="1", sure="1")).status_code == 302
    assert client.post("/bulk/", posted(orders)).status_code == 302
    assert (begun(), Job.objects.count()) == (0, 0)


def test_whose_post_does_not_allow_it_is_refused(at_desk: Any, story: Story) -> None:
    assert at_desk("assembler").post("/bulk/", posted(confirmed(story, 1), sure="1")).status_code == 403


def test_who_lost_the_post_meanwhile_does_nothing(
    at_desk: Any, story: Story, settings: Any, times: Times
) -> None:
    settings.JOBS_APART = True
    orders = confirmed(story, 1)
    at_desk("sales_clerk").post("/bulk/", posted(orders, sure="1"))
    assert Job.objects.get().state == "queued"
    story.factory.dismiss("sales_clerk")
    working.drain(times)
    assert (begun(), Job.objects.get().refused) == (0, 1)


def test_a_second_delivery_does_nothing_again(at_desk: Any, story: Story, times: Times) -> None:
    at_desk("sales_clerk").post("/bulk/", posted(confirmed(story, 2), sure="1"))
    Job.objects.update(state="running", ended_at=None, leased_until=NINE)
    assert working.drain(times) == 1
    job = Job.objects.get()
    assert (job.state, job.refused) == ("done", 0)
    assert begun() == 2


def test_nothing_picked_is_said(at_desk: Any, story: Story) -> None:
    client = at_desk("sales_clerk")
    assert client.post("/bulk/", posted([])).status_code == 302
    assert client.post("/bulk/", {"label": "nothing.here", "verb": "x"}).status_code == 404
    assert client.post("/bulk/", posted([]) | {"ids": "x,y"}).status_code == 302
    assert client.post("/bulk/", posted([], all="1") | {"query": "state=nonsense"}).status_code == 302


def test_export_and_print_are_steps_too(at_desk: Any, story: Story) -> None:
    orders = confirmed(story, 2)
    client = at_desk("sales_clerk")
    client.post("/bulk/", posted(orders[:1], "export", format="xlsx", columns="number"))
    assert Job.objects.get().message == "1 rows"
    page = client.post("/bulk/", posted(orders, "print")).content.decode()
    assert all(str(order) in page for order in orders)


def test_the_queries_beside_the_steps_do_not_grow(at_desk: Any, story: Story) -> None:
    counted = {}
    client = at_desk("sales_clerk")
    for count in (2, 4, 8):
        orders = confirmed(story, count)
        with CaptureQueriesContext(connection) as queries:
            client.post("/bulk/", posted(orders, sure="1"))
        counted[count] = len(queries)
    each = (counted[4] - counted[2]) / 2
    # But for how far it is, which is written down twice a second.
    assert abs(counted[8] - counted[4] - 4 * each) <= 4
