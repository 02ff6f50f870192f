"""What there is: on hand, usable, reserved and available, by item and company (WHS-19)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Q, QuerySet, Sum

from catalog.models import Balance, Lot, StockMove, Warehouse
from catalog.stock.terms import STEP, ZERO, Voucher
from org.models import Company

# Goods that may be issued: in a store, and not in a lot that waits for inspection or failed it.
USABLE = Q(location__warehouse__kind__in=Warehouse.USABLE) & (
    Q(lot__isnull=True) | Q(lot__status__in=Lot.USABLE)
)


@dataclass(frozen=True)
class Level:
    """What one company has of one item. `usable` is the part of `on_hand` that may be issued."""

    item_id: int
    company_id: int
    on_hand: Decimal
    usable: Decimal
    reserved: Decimal

    @property
    def available(self) -> Decimal:
        """What may be issued and is nobody's."""
        return self.usable - self.reserved


def balances(item_ids: Collection[int], *, company: Company | None = None) -> list[Level]:
    """The levels of these items in every company (or one) that ever had some. One query."""
    rows = Balance.objects.filter(item_id__in=item_ids)
    if company is not None:
        rows = rows.filter(location__warehouse__company=company)
    grouped = rows.values("item_id", company_id=F("location__warehouse__company_id")).annotate(
        on_hand=Sum("quantity"),
        usable=Sum("quantity", filter=USABLE, default=ZERO),
        kept=Sum("reserved", filter=USABLE, default=ZERO),
    )
    return [
        Level(
            row["item_id"],
            row["company_id"],
            *(row[name].quantize(STEP) for name in ("on_hand", "usable", "kept")),
        )
        for row in grouped.order_by("item_id", "company_id")
    ]


def available(item_ids: Collection[int], *, company: Company | None = None) -> dict[int, Decimal]:
    """What may be issued and is nobody's, by item; in all companies together if none is named. One query."""
    found: dict[int, Decimal] = dict.fromkeys(item_ids, ZERO)
    for level in balances(item_ids, company=company):
        found[level.item_id] += level.available
    return found


def kept_for(subject_type: str, subject_ids: Collection[int]) -> dict[int, dict[int, Decimal]]:
    """What is kept for each of these subjects, by item. One query."""
    rows = (
        Balance.objects.filter(
            reservations__subject_type=subject_type,
            reservations__subject_id__in=subject_ids,
            reservations__state="open",
        )
        .values_list("reservations__subject_id", "item_id")
        .annotate(left=Sum("reservations__left"))
    )
    found: dict[int, dict[int, Decimal]] = defaultdict(dict)
    for subject, item, left in rows:
        found[subject][item] = left.quantize(STEP)
    return dict(found)


def moves_of(document: Voucher) -> QuerySet[StockMove]:
    """The moves that a document said, in the order of posting."""
    rows = StockMove.objects.filter(document_type=document.label(), document_id=document.pk)
    return rows.select_related("item", "location__warehouse", "lot", "serial").order_by("pk")
