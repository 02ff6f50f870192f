"""Many events without a story behind them, for tests of the log itself."""

from __future__ import annotations

from datetime import timedelta

from flow.models import Event
from flow.models.case import Case
from tests.goods import Factory
from tests.people import NINE

VERBS = ("orders.order.receive", "orders.order.sign", "flow.commented", "production.plan.release")


def told(factory: Factory, count: int) -> None:
    """Insert so many events of one case, each different, with Chinese words and quotes in their data."""
    case = Case.objects.create(company=factory.kg, opened_at=NINE, title="封条 'seal'")
    person = factory.person("sales_clerk")
    Event.objects.bulk_create(
        (
            Event(
                verb=VERBS[n % 4],
                at=NINE + timedelta(minutes=n),
                actor=person,
                case=case,
                company=factory.kg,
                subject_type="orders.order",
                subject_id=1_000 + n % 7,
                state_from="received" if n % 3 else "",
                data={"n": n, "text": f'第 {n} 次，"quoted" and\nlines', "amount": f"{n}.50"},
            )
            for n in range(count)
        ),
        batch_size=1_000,
    )
