"""A process that issues piece after piece: `python -m tests.catalog.issuer ITEM PAPER TRIES`."""

from __future__ import annotations

import sys
from decimal import Decimal

import django


def main(item: int, paper: int, tries: int) -> int:
    """Try to issue one piece `tries` times; how often it was possible."""
    from django.db import transaction

    from catalog import stock
    from flow.events import By
    from flow.refusals import Refused
    from flow.retry import retried
    from org.models import Company, Person
    from tests.people import NINE

    company, by = Company.objects.get(code="KG"), By(Person.objects.get(username="storekeeper"), NINE)

    def once(number: int) -> None:
        with transaction.atomic():
            stock.issue(
                [stock.Want(item, Decimal(1), f"line-{number}")],
                company=company,
                subject=stock.Subject("orders.order", paper),
                document=stock.Opening(paper),
                by=by,
            )

    done = 0
    for number in range(tries):
        try:
            retried(lambda number=number: once(number))  # type: ignore[misc]
        except Refused:
            continue
        done += 1
    return done


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(str(main(*(int(word) for word in sys.argv[1:]))))
