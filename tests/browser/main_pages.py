"""The pages that people see most, for the checks that every page must pass."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.models import Item
from orders.models import Order
from org.models import Person
from tests.story import Story


@dataclass(frozen=True)
class Stop:
    """A page to look at: what to call it, where it is."""

    name: str
    path: str


LOG_IN = Stop("login", "/login/")


def furnish(story: Story) -> Story:
    """A house with something on every page: orders of several ages, one of them in review."""
    story.in_review()
    Story(story.factory).confirmed()
    Story(story.factory).received()
    return story


def of_everybody(story: Story) -> list[Stop]:
    """What everybody reads."""
    order = story.order
    item = Item.objects.get(code="KYN28A-12")
    return [
        Stop("workbench", "/"),
        Stop("list", "/orders/order/"),
        Stop("list-empty", "/orders/order/?q=nothing"),
        Stop("board", "/orders/order/board/"),
        Stop("late", "/late/"),
        Stop("order", f"/{order.path}/"),
        Stop("notices", "/notices/"),
        Stop("find", "/find/?q=20"),
        Stop("item", f"/items/{item.pk}/"),
        Stop("print", f"/{order.path}/print/"),
        Stop("jobs", "/jobs/"),
        Stop("imports", "/imports/"),
        Stop("rules", "/rules/"),
        Stop("tour", "/tour/"),
        Stop("rules", "/rules/?q=TM"),
        Stop("denied", f"/{order.path}/approve_important/"),
        Stop("missing", "/nowhere/at-all/"),
    ]


def of_the_clerk() -> list[Stop]:
    """Forms: of a new order with its lines, and of a step of one that waits for the clerk."""
    received = Order.objects.get(state=Order.State.RECEIVED)
    return [Stop("new", "/orders/order/new/"), Stop("act", f"/{received.path}/confirm_requirements/")]


def of_the_admin(story: Story) -> list[Stop]:
    """The back office."""
    return [
        Stop("admin", "/admin/"),
        Stop("admin-people", "/admin/org/person/"),
        Stop("admin-order", f"/admin/orders/order/{story.order.pk}/change/"),
    ]


def administrator(story: Story) -> Person:
    """The administrator, let into the back office."""
    person = story.factory.person("admin")
    person.is_staff = True
    person.save(update_fields=["is_staff"])
    return person
