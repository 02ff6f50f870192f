"""The walk that leads past every verb of a change of a signed order."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from config.demo.story.papers import call, scan
from flow.events import By
from orders import actions as orders
from orders.models import OrderChange
from review import actions as review
from tests.faces.walks import LATER, opinions
from tests.story import Story

MORE = [{"position": 1, "quantity": Decimal(3)}]


def changes(story: Story) -> None:
    """Withdrawn, refused and settled, carried out, twice technical; at last the order ends."""
    story.planned()
    clerk = story.by("sales_clerk")
    orders.change_talks.withdraw(asked(story), by=clerk, reason="客户撤回")
    refused(story)
    carried_out(story)
    technical(story)
    orders.cancel(story.order, by=story.by("gm"), reason="项目终止", proof=scan())


def asked(story: Story, lines: list[dict[str, Any]] | None = None, **said: Any) -> OrderChange:
    """Somebody takes the customer's word."""
    by = story.by("engineer" if said.get("kind") == "technical" else "sales_clerk")
    given = {"kind": "commercial", "party": "王工", "channel": "phone", "wish": "改颜色", **said}
    small = [{"position": 1, "technical_requirement": "RAL7035"}]
    return orders.change.create(by=by, order=story.order, lines=lines or small, **given)


def refused(story: Story) -> None:
    """The customer does not wait; the general manager leaves the order as it is."""
    clerk, change = story.by("sales_clerk"), asked(story, MORE)
    change = orders.change.classify(change, by=clerk, grounds="加一台", affects_plan=True)
    found_later(story)
    change = orders.change_talks.refuse(change, by=clerk, **call("不等"))
    orders.change_talks.settle(change, by=story.by("gm"), outcome="rejected", opinion="维持原订单")


def carried_out(story: Story) -> None:
    """The customer waits and signs; the notice goes to the departments, who adjust."""
    clerk, change = story.by("sales_clerk"), asked(story, delivery_on=LATER + timedelta(days=1))
    change = orders.change.classify(change, by=clerk, grounds="延期", affects_plan=True)
    change = orders.change_talks.confirm(change, by=clerk, confirmation=scan(), **call())
    found_later(story)
    change = orders.change_talks.agree(change, by=clerk, **call("同意"))
    change = orders.change_talks.sign_agreement(
        change,
        by=clerk,
        signer="王工",
        signed_on=story.at.date(),
        agreement=scan(),
        added_amount=Decimal(100),
    )
    change = orders.change_notice.issue(change, by=clerk)
    shop = story.department("SHOP")
    change = orders.change_notice.forward(change, by=story.by("prod_mgr"), lines=[{"department": shop}])
    orders.change_notice.acknowledge(change, by=By(shop.leader, story.at), adjustment="顺延")


def technical(story: Story) -> None:
    """One goes to the archive, one out as a notice."""
    engineer = story.by("engineer")
    small = asked(story, kind="technical", confirmation=scan())
    small = orders.change.classify(small, by=engineer, grounds="端子排位置")
    small = orders.change_notice.archive(small, by=engineer)
    orders.change_notice.confirm_archive(small, by=story.by("sales_clerk"))
    large = asked(story, kind="technical", confirmation=scan())
    large = orders.change.classify(large, by=engineer, grounds="换断路器厂家", changes_maker=True)
    large = orders.change.send_technical_notice(large, by=engineer)
    orders.change.decide(large, by=story.by("order_mgr"), review="none", opinion="不影响价格")


def found_later(story: Story) -> None:
    """Production finds the date too early, material control does not."""
    review.give_opinion(
        story.round, by=story.by("prod_mgr"), decision="feasible", seat="prod_mgr", earliest_on=LATER
    )
    opinions(story)
