"""The list price of items on a day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from catalog.models import PriceList, PriceListLine
from catalog.prices import list_prices
from tests.goods import Factory

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 2)


def price(factory: Factory, on: date = DAY, **whom: object) -> Decimal | None:
    """The cabinet's."""
    found = list_prices([factory.cabinet.pk, factory.frame.pk], on=on, **whom).get(factory.cabinet.pk)  # type: ignore[arg-type]
    return found.amount if found else None


def listed(factory: Factory, amount: int, valid_from: date = date(2026, 1, 1), **to: object) -> PriceList:
    """One more list with the cabinet."""
    row = PriceList.objects.create(code=f"L{PriceList.objects.count()}", name="表", **to)
    PriceListLine.objects.create(price_list=row, item=factory.cabinet, price=amount, valid_from=valid_from)
    return row


def test_a_price_holds_on_its_days(factory: Factory) -> None:
    line = PriceListLine.objects.get(item=factory.cabinet)
    line.valid_to = DAY
    line.save()
    PriceListLine.objects.create(
        price_list=line.price_list, item=factory.cabinet, price=39000, valid_from=DAY
    )
    assert price(factory, date(2025, 12, 31)) is None
    assert price(factory, date(2026, 3, 1)) == 38000
    assert price(factory) == 39000


def test_the_price_that_began_last_counts(factory: Factory) -> None:
    listed(factory, 37000, valid_from=date(2026, 2, 1))
    assert price(factory, date(2026, 1, 31)) == 38000
    assert price(factory) == 37000


def test_the_closer_list_goes_first(factory: Factory) -> None:
    listed(factory, 36000, grade="A")
    listed(factory, 35000, company=factory.kg)
    listed(factory, 34000, company=factory.kg, grade="A")
    assert price(factory) == 38000
    assert price(factory, grade="A") == 36000
    assert price(factory, company=factory.kg) == 35000
    assert price(factory, company=factory.kg, grade="A") == 34000
    assert price(factory, company=factory.hg, grade="B") == 38000


def test_a_list_out_of_use_does_not_count(factory: Factory) -> None:
    PriceList.objects.update(is_active=False)
    assert price(factory) is None


def test_an_item_without_a_price_is_left_out(factory: Factory, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = list_prices([factory.cabinet.pk, factory.frame.pk], on=DAY)
    assert found.keys() == {factory.cabinet.pk}
    assert found[factory.cabinet.pk].currency == "CNY"


def test_one_price_a_day(factory: Factory) -> None:
    line = PriceListLine.objects.get(item=factory.cabinet)
    with pytest.raises(IntegrityError), transaction.atomic():
        PriceListLine.objects.create(
            price_list=line.price_list, item=line.item, price=1, valid_from=line.valid_from
        )
