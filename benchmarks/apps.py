"""The app `benchmarks`."""

from django.apps import AppConfig


class BenchmarksConfig(AppConfig):
    """Registers the measurements' clocks with the house; it has no tables."""

    name = "benchmarks"
