"""The deeds of an order of the demo, one method a deed; a course says when each is done."""

from config.demo.deeds.changes import Changes
from config.demo.deeds.delivery import Delivery
from config.demo.deeds.turns import Turns

__all__ = ["DemoStory"]


class DemoStory(Turns, Changes, Delivery):
    """An order of the demo: told deed by deed, with the goods, customers and words of the demo."""
