"""The list price of items on a day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from catalog.models import PriceListLine
from catalog.models.boms import holds_on
from org.models import Company


@dataclass(frozen=True)
class ListPrice:
    """A price for one unit of an item, and the list it comes from."""

    amount: Decimal
    currency: str
    price_list_id: int


def list_prices(
    item_ids: Collection[int], *, on: date, company: Company | None = None, grade: str = ""
) -> dict[int, ListPrice]:
    """The list price of each item on the day `on`; items without one are left out. One query.

    A list for the company and grade of customer goes before one for the company, that before one for the
    grade, that before the general list; within the same rank the price that began last counts.
    """
    rows = PriceListLine.objects.filter(
        holds_on(on),
        Q(price_list__company=company) | Q(price_list__company__isnull=True),
        item_id__in=item_ids,
        price_list__is_active=True,
        price_list__grade__in={"", grade},
    ).select_related("price_list")
    ranked = sorted(
        rows,
        key=lambda row: (
            row.price_list.company_id is not None,
            row.price_list.grade != "",
            row.valid_from,
            row.pk,
        ),
    )
    return {row.item_id: ListPrice(row.price, row.price_list.currency, row.price_list_id) for row in ranked}
