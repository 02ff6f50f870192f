"""An order carried along by the people whose turn it is: the demo walks by it, the tests tell by it."""

from config.demo.story.order import DELIVERY, Story, step
from config.demo.story.papers import call, scan

__all__ = ["DELIVERY", "Story", "call", "scan", "step"]
