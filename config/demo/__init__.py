"""The demo factory: a switchgear group, its people and goods, and three months of orders in every stage."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.timezone import localtime

from config.demo import house, orders
from config.demo.clocks import recorded_then
from orders.models import Order

# Everybody was there before the first order came in.
SINCE = timedelta(days=200)


def tell(*, now: datetime, small: bool = False) -> list[Order]:
    """Build the house and tell its orders up to `now`; the small demo has one order of each state."""
    opened = now - SINCE
    house.build(at=opened, since=localtime(opened).date())
    with recorded_then():
        return orders.walk(now=now, small=small)
