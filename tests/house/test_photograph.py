"""A story laid out from a photograph is the story as it was told, and is told wherever it might differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import translation

from catalog.models import Customer
from flow import events
from orders.models import Order
from tests import photograph
from tests.goods import Factory
from tests.photograph import ALBUM, World
from tests.story import Story


@pytest.fixture(autouse=True)
def empty_album(db: None) -> Iterator[None]:
    """These tests begin without photographs, and leave the others theirs."""
    if connection.vendor != "sqlite":
        pytest.skip("photographs are taken on SQLite alone")
    kept, ALBUM.photographs = ALBUM.photographs, {}
    yield
    ALBUM.photographs = kept


@pytest.fixture
def point() -> str:
    """Where the database is empty of stories."""
    return transaction.savepoint()


def begun(point: str) -> Factory:
    """The factory in the database of a test that begins now."""
    transaction.savepoint_rollback(point)
    ALBUM.world = World()
    photograph.begun()
    return photograph.kept("factory", Factory)


def planned(factory: Factory) -> Story:
    story: Story = Story(factory).later(hours=1).instructed().later(hours=2).planned()
    return story


def test_what_is_laid_out_is_what_was_told(point: str) -> None:
    first = planned(begun(point))
    rows, taken = photograph._rows(), len(ALBUM.photographs)
    assert taken > 2
    second = planned(begun(point))
    assert photograph._rows() == rows
    assert len(ALBUM.photographs) == taken, "nothing was told anew"
    assert (second.told, second.at) == (first.told, first.at)
    assert second.order == first.order
    assert second.factory.person("buyer") == first.factory.person("buyer")
    assert second.factory.person("buyer") is not first.factory.person("buyer")


def test_what_is_laid_out_can_be_told_on(point: str) -> None:
    for _ in range(2):
        story = planned(begun(point))
        story.released()
        assert {work_order.state for work_order in story.work_orders} == {"released"}
        assert Story(story.factory).received().order.number == "DDKG2026-0002"


def test_a_second_order_of_the_same_world_is_another(point: str) -> None:
    for _ in range(2):
        factory = begun(point)
        numbers = [Story(factory).received().order.number for _ in range(3)]
        assert numbers == ["DDKG2026-0001", "DDKG2026-0002", "DDKG2026-0003"]


def test_after_anything_else_was_written_it_is_told(point: str) -> None:
    Story(begun(point)).received()
    factory = begun(point)
    Customer.objects.filter(pk=factory.customer.pk).update(name="改名")
    taken = dict(ALBUM.photographs)
    assert Story(factory).received().order.customer.name == "改名"
    assert ALBUM.photographs == taken


def test_what_was_told_with_words_of_its_own_is_not_mistaken_for_it(point: str) -> None:
    Story(begun(point)).received()
    story = Story(begun(point)).received(customer_reference="X-1").confirmed()
    assert story.order.customer_reference == "X-1"
    assert Story(begun(point)).confirmed().order.customer_reference == ""


def test_another_language_or_another_house_is_told_anew(point: str) -> None:
    Story(begun(point)).received()
    taken = len(ALBUM.photographs)
    with translation.override("zh-hans"):
        Story(begun(point)).received()
    assert len(ALBUM.photographs) == 2 * taken
    heard: list[Order] = []
    handlers = events._handlers["orders.order.receive"]
    handlers.append(lambda event, document, by: heard.append(document))
    try:
        Story(begun(point)).received()
    finally:
        handlers.pop()
    assert len(heard) == 1


def test_where_the_house_may_be_patched_or_counted_everything_is_told(
    point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Story(begun(point)).received()
    assert ALBUM.photographs == {}


def test_where_statements_are_counted_everything_is_told(
    point: str, django_assert_max_num_queries: Any
) -> None:
    Story(begun(point)).received()
    factory = begun(point)
    with django_assert_max_num_queries(100) as statements:
        Story(factory).received()
    assert len(statements) > 5
