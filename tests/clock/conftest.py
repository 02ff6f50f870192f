"""The bench of the deadlines' tests, with the proof after each that the whole system is in order."""

from tests.deadlines.conftest import bench, in_english, people

__all__ = ["bench", "in_english", "people"]
