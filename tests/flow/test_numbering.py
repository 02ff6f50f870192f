"""Document numbers are unique and gapless, through races and rollbacks (P9)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Max

from flow import numbering
from flow.models import Series
from orders.models import Order
from tests.database import at_once
from tests.flow.test_idempotency import receiving
from tests.goods import Factory
from tests.people import NINE
from tests.proofs import proven
from tests.story import Story

LATER = date(2027, 6, 30)


def test_numbers_count_by_company_and_year(factory: Factory) -> None:
    first = Story(factory).received().order
    second = Story(factory).received().order
    other = Story(factory, company=factory.hg).received().order
    later = Story(factory, at=NINE + timedelta(days=365)).received(delivery_on=LATER).order
    numbers = [o.number for o in (first, second, other, later)]
    assert numbers == ["DDKG2026-0001", "DDKG2026-0002", "DDHG2026-0001", "DDKG2027-0001"]


def test_the_year_is_that_of_the_house(factory: Factory) -> None:
    """New Year's Eve in London is New Year's Day in Shanghai."""
    eve = datetime(2026, 12, 31, 17, 0, tzinfo=ZoneInfo("UTC"))
    assert Story(factory, at=eve).received(delivery_on=LATER).order.number == "DDKG2027-0001"


@pytest.mark.django_db(transaction=True)
def test_thirty_two_at_once_have_no_gap_and_no_double() -> None:
    factory = Factory()
    at_once([lambda: receiving(factory, None)] * 32)
    numbers = sorted(str(number) for number in Order.objects.values_list("number", flat=True))
    assert numbers == [f"DDKG2026-{n:04d}" for n in range(1, 33)]
    proven("P9", injections=32, violations=0, note="32 numbers at once")


@pytest.mark.django_db(transaction=True)
def test_the_greatest_plus_one_collides(postgresql: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: the usual MAX()+1 fails or doubles under the same load."""

    def greatest(document: Order, at: datetime) -> None:
        top = Order.objects.aggregate(top=Max("number"))["top"] or "DDKG2026-0000"
        document.number = f"DDKG2026-{int(top[-4:]) + 1:04d}"

    monkeypatch.setattr(numbering, "give", greatest)
    factory = Factory()
    results = at_once([lambda: receiving(factory, None)] * 32)
    assert any(isinstance(r, Exception) for r in results)


def test_a_rolled_back_number_is_given_again(factory: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    def late_failure(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the power fails after the number is given")

    Story(factory).received()
    with monkeypatch.context() as broken:
        broken.setattr("flow.events.record", late_failure)
        with pytest.raises(RuntimeError):
            Story(factory).received()
    assert Story(factory).received().order.number == "DDKG2026-0002"
    assert Series.objects.get(kind="orders.order").last == 2
    proven("P9", injections=1, violations=0, note="a transaction rolled back after its number was given")
