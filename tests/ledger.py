"""The progress ledger of an order, credited by hand where a test does not need the departments."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import count

from flow import cases
from orders import actions as orders
from orders.models import Stage

_papers = count(1)


@dataclass
class Paper:
    """A paper of a department, as the ledger sees it."""

    pk: int
    version: int = 1
    number: str = ""

    @staticmethod
    def label():
        return "some.paper"


def new_paper():
    """A paper that has not said anything yet."""
    return Paper(next(_papers))


class Ledger:
    """Credits the stages of one order, each time on another paper unless one is given."""

    def __init__(self, story):
        self.story = story
        self.lines = story.lines

    def credit(self, stage, *quantities, paper=None):
        """So much of each line (all of every line unless said); the state of the order after it."""
        rows = list(zip(self.lines, quantities or [line.quantity for line in self.lines], strict=False))
        with cases.transact():
            cases.lock({self.story.order.case_id})
            order = orders.credit(
                self.story.order,
                stage,
                [(line, Decimal(quantity)) for line, quantity in rows],
                document=paper or new_paper(),
                by=self.story.by("prod_mgr"),
            )
        return order.state

    def in_stock(self):
        """Carry every quantity into stock."""
        for stage in (Stage.INSTRUCTED, Stage.PLANNED, Stage.PROCURING, Stage.STARTED, Stage.SUBMITTED):
            self.credit(stage)
        self.credit(Stage.PASSED)
        self.credit(Stage.PACKED)
        return self.credit(Stage.STOCKED)

    def delivered(self):
        """Carry every quantity to the customer."""
        self.in_stock()
        for stage in (Stage.NOTIFIED, Stage.DISPATCHED):
            self.credit(stage)
        return self.credit(Stage.DELIVERED)
