"""Official holidays and make-up workdays of mainland China, from the State Council's yearly notices.

2027 is not announced yet: dates in it count Monday to Friday and are shown as provisional.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

ZONE = "Asia/Shanghai"
# Year: (name, first day off, last day off, make-up workdays), each day as (month, day).
Day = tuple[int, int]
OFFICIAL: dict[int, tuple[tuple[str, Day, Day, tuple[Day, ...]], ...]] = {
    2024: (
        ("元旦", (1, 1), (1, 1), ()),
        ("春节", (2, 10), (2, 17), ((2, 4), (2, 18))),
        ("清明节", (4, 4), (4, 6), ((4, 7),)),
        ("劳动节", (5, 1), (5, 5), ((4, 28), (5, 11))),
        ("端午节", (6, 10), (6, 10), ()),
        ("中秋节", (9, 15), (9, 17), ((9, 14),)),
        ("国庆节", (10, 1), (10, 7), ((9, 29), (10, 12))),
    ),
    2025: (
        ("元旦", (1, 1), (1, 1), ()),
        ("春节", (1, 28), (2, 4), ((1, 26), (2, 8))),
        ("清明节", (4, 4), (4, 6), ()),
        ("劳动节", (5, 1), (5, 5), ((4, 27),)),
        ("端午节", (5, 31), (6, 2), ()),
        ("国庆节、中秋节", (10, 1), (10, 8), ((9, 28), (10, 11))),
    ),
    2026: (
        ("元旦", (1, 1), (1, 3), ((1, 4),)),
        ("春节", (2, 15), (2, 23), ((2, 14), (2, 28))),
        ("清明节", (4, 4), (4, 6), ()),
        ("劳动节", (5, 1), (5, 5), ((5, 9),)),
        ("端午节", (6, 19), (6, 21), ()),
        ("中秋节", (9, 25), (9, 27), ()),
        ("国庆节", (10, 1), (10, 7), ((9, 20), (10, 10))),
    ),
}


def special_days() -> Iterator[tuple[date, bool, str]]:
    """Every day that differs from Monday to Friday: (day, whether it is worked, name)."""
    for year, entries in OFFICIAL.items():
        for name, first, last, made_up in entries:
            start, end = date(year, *first), date(year, *last)
            for n in range((end - start).days + 1):
                yield start + timedelta(days=n), False, name
            for day in made_up:
                yield date(year, *day), True, name
