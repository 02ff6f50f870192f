"""In-app notices: told exactly once for each key (P5)."""

from __future__ import annotations

from typing import Any

import pytest

from integration import notices
from integration.models import Notice, Outbox
from integration.notices import Word
from tests.database import at_once
from tests.goods import Factory
from tests.people import NINE


@pytest.mark.django_db
def test_told_once_for_a_key(factory: Factory) -> None:
    buyer, clerk = factory.person("buyer"), factory.person("sales_clerk")
    for _ in range(3):
        notices.tell(buyer, title="One", text="T", path="orders/order/1", at=NINE, key="k")
    notices.tell(clerk, title="One", at=NINE, key="k")
    notices.tell(buyer, title="Two", at=NINE, key="k2")
    assert [n.title for n in notices.latest(buyer)] == ["Two", "One"]
    assert notices.unread_count(buyer) == 2
    assert notices.unread_count(clerk) == 1


@pytest.mark.django_db
def test_many_take_few_statements(factory: Factory, django_assert_max_num_queries: Any) -> None:
    buyer = factory.person("buyer")
    words = [Word(buyer, f"N{n}", "", "", NINE, f"k{n}") for n in range(400)]
    with django_assert_max_num_queries(10):
        notices.tell_many(words)
    assert Notice.objects.count() == 400


@pytest.mark.django_db
def test_reading_touches_only_ones_own(factory: Factory) -> None:
    buyer, clerk = factory.person("buyer"), factory.person("sales_clerk")
    for person in (buyer, clerk):
        notices.tell(person, title="T", at=NINE, key="k")
    assert notices.mark_read(buyer, at=NINE, ids=Notice.objects.values_list("pk", flat=True)) == 1
    assert notices.unread_count(buyer) == 0
    assert notices.unread_count(clerk) == 1
    assert notices.mark_read(buyer, at=NINE) == 0


@pytest.mark.django_db
def test_notices_go_by_mail_too_where_the_house_wants_it(factory: Factory, settings: Any) -> None:
    settings.NOTICES_BY_MAIL = True
    buyer, clerk = factory.person("buyer"), factory.person("sales_clerk")
    buyer.email = "buyer@example.com"
    notices.tell(buyer, title="T", at=NINE, key="k")
    notices.tell(clerk, title="T", at=NINE, key="k")
    assert [row.recipient for row in Outbox.objects.all()] == ["buyer@example.com"]


@pytest.mark.django_db(transaction=True)
def test_told_once_by_many_at_the_same_moment(factory: Factory) -> None:
    buyer = factory.person("buyer")
    told = at_once([lambda: notices.tell(buyer, title="T", at=NINE, key="k") for _ in range(12)])
    assert told == [None] * 12
    assert Notice.objects.count() == 1
