"""How many statements an action and a list take: constants that a change must not raise unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks.bulk import MIX, Mill
from deadlines.models import Deadline
from flow import invariants
from orders import actions as orders
from orders.models import OrderLine
from production import actions as production
from production.models import Task
from tests.api.conftest import ORDERS, Caller
from tests.deadlines.bench import Bench
from tests.goods import Factory
from tests.people import NINE
from tests.story import Story

pytestmark = pytest.mark.django_db
# Begin and commit are not counted: inside a test they are savepoints.
ACTION = 15
LIST = 3


def statements(work: Callable[[], Any]) -> list[str]:
    """What `work` asks of the database, without the frames of transactions."""
    with CaptureQueriesContext(connection) as captured:
        work()
    frames = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    return [q["sql"] for q in captured.captured_queries if not q["sql"].startswith(frames)]


def confirm(story: Story) -> None:
    """The clerk confirms the story's order, whose lines lack their requirements."""
    orders.confirm_requirements(
        story.order, by=story.by("sales_clerk"), order_class="regular", confirmed_with="王工",
        channel="phone", technical_requirement="按 GB/T 3906", quality_requirement="出厂试验合格",
    )  # fmt: skip


def test_a_transition_takes_at_most_fifteen_statements(story: Story) -> None:
    story.received()
    asked = statements(lambda: confirm(story))
    assert story.order.state == "confirmed"
    assert len(asked) <= ACTION, "\n".join(asked)


def test_the_number_of_lines_does_not_matter(story: Story, factory: Factory) -> None:
    line = {"item": factory.cabinet, "quantity": 2, "unit_price": 38000}
    few = Story(factory).received(lines=[line])
    many = story.received(lines=[line] * 40)
    assert len(statements(lambda: confirm(few))) == len(statements(lambda: confirm(many)))
    assert not OrderLine.objects.filter(technical_requirement="").exists()


def test_a_transition_that_closes_a_deadline_takes_at_most_fifteen(story: Story) -> None:
    task: Task = story.planned().tasks["produce"]
    asked = statements(lambda: production.task.accept(task, by=story.by("workshop_director")))
    assert Deadline.objects.filter(subject_type=Task.label(), subject_id=task.pk, state="done").exists()
    assert len(asked) <= ACTION, "\n".join(asked)


@pytest.fixture
def bench(factory: Factory) -> Iterator[Bench]:
    """A bench of rules that are forgotten afterwards."""
    made = Bench(factory)
    yield made
    made.forget()


def test_a_transition_that_closes_one_and_opens_two_takes_at_most_fifteen(story: Story, bench: Bench) -> None:
    verb = "orders.order.confirm_requirements"
    bench.declare("closed", start="orders.order.receive", stop=verb)
    for slug in ("opened", "opened_too"):
        bench.declare(slug, start=verb, stop="orders.order.submit_review")
    story.received()
    asked = statements(lambda: confirm(story))
    assert Deadline.objects.filter(rule__in=("opened", "opened_too"), state="open").count() == 2
    assert len(asked) <= ACTION, "\n".join(asked)


@pytest.fixture
def clerk(factory: Factory) -> Caller:
    """The sales clerk as a program."""
    return Caller(factory.person("sales_clerk"))


def test_a_list_takes_the_same_few_statements_whatever_its_length(factory: Factory, clerk: Caller) -> None:
    mill = Mill(factory, NINE - timedelta(days=30))
    mill.orders(10, paths=MIX)
    clerk.get(ORDERS)
    few = statements(lambda: clerk.get(ORDERS))
    mill.orders(60, paths=MIX)
    for path in (ORDERS, f"{ORDERS}?state=confirmed", f"{ORDERS}?customer=C001&page_size=200"):
        many = statements(partial(clerk.get, path))
        assert len(many) - path.count("customer=") <= len(few) <= LIST, "\n".join(many)


def test_what_is_filled_in_bulk_is_as_the_actions_would_have_left_it(factory: Factory) -> None:
    mill = Mill(factory, NINE - timedelta(days=30))
    assert len(mill.orders(23, paths=MIX, branch_every=5)) == 23
    mill.orders(3)
    assert [said for found in invariants.violations().values() for said in found] == []


def test_a_list_as_the_orders_were_made_follows_the_index(factory: Factory, clerk: Caller) -> None:
    """An order that no index follows sorts the whole table for each page."""
    Mill(factory, NINE - timedelta(days=30)).orders(10, paths=MIX)
    [asked] = [sql for sql in statements(lambda: clerk.get(ORDERS)) if 'FROM "orders_order"' in sql]
    assert 'ORDER BY "orders_order"."id" DESC LIMIT' in asked
