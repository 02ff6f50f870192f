"""A retried request has one effect; another body under the same key is refused (P10)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from flow import idempotency
from flow.idempotency import Key
from flow.models import IdempotencyKey
from flow.refusals import Misused, Refused
from orders import actions as orders
from orders.models import Order
from tests.database import at_once
from tests.goods import Factory
from tests.story import DELIVERY, Story

KEY = Key("a-1", "0" * 64)


def receiving(factory: Factory, key: Key | None) -> Any:
    lines = [{"item": factory.cabinet, "quantity": 1}]
    return orders.receive(
        by=factory.by("sales_clerk"), key=key, company=factory.kg, customer=factory.customer, channel="phone",
        delivery_on=DELIVERY, lines=lines,
    )  # fmt: skip


def test_the_same_request_twice_is_one_order(factory: Factory) -> None:
    first, second = receiving(factory, KEY), receiving(factory, KEY)
    assert first.pk == second.pk
    assert (getattr(first, "replayed", False), second.replayed) == (False, True)
    assert Order.objects.count() == 1


def test_another_body_under_the_same_key_is_refused(factory: Factory) -> None:
    receiving(factory, KEY)
    with pytest.raises(Misused):
        receiving(factory, Key(KEY.value, "1" * 64))
    assert Order.objects.count() == 1


def test_the_same_key_of_somebody_else_is_another_key(factory: Factory) -> None:
    receiving(factory, KEY)
    lines = [{"item": factory.cabinet, "quantity": 1}]
    orders.receive(
        by=factory.by("salesperson"), key=KEY, company=factory.kg, customer=factory.customer, channel="phone",
        delivery_on=DELIVERY, lines=lines,
    )  # fmt: skip
    assert Order.objects.count() == 2


def test_a_refused_request_leaves_its_key_free(story: Story) -> None:
    story.received()
    with pytest.raises(Refused):
        orders.submit_review(story.order, by=story.by("sales_clerk"), key=KEY)
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_twenty_retries_at_once_are_one_order() -> None:
    factory = Factory()
    results = at_once([lambda: receiving(factory, KEY)] * 20)
    assert {r.pk for r in results} == {Order.objects.get().pk}
    assert sum(getattr(r, "replayed", False) for r in results) == 19


@pytest.mark.django_db(transaction=True)
def test_without_the_key_row_they_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: with the claim taken away the same retries make twenty orders."""
    factory = Factory()
    monkeypatch.setattr(idempotency, "claim", lambda actor, key: None)
    at_once([lambda: receiving(factory, KEY)] * 5)
    assert Order.objects.count() == 5


def test_the_key_row_is_unique_in_the_database(factory: Factory) -> None:
    person = factory.person("sales_clerk")
    IdempotencyKey.objects.create(actor=person, key="x", fingerprint="")
    with pytest.raises(IntegrityError), transaction.atomic():
        IdempotencyKey.objects.create(actor=person, key="x", fingerprint="")
