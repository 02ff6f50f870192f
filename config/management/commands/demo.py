"""Builds the demo factory: a switchgear group with its people, goods and orders in every stage."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from config.demo import house, orders
from flow import clock, tick
from org.models import Company


class Command(BaseCommand):
    """Fills an empty database; refuses one that holds anything."""

    help = str(_("Build the demo factory in an empty database."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--if-empty` does nothing where something stands already."""
        parser.add_argument("--if-empty", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Build the house, walk the orders, let the clocks of the past ring."""
        if Company.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError(_("The demo needs an empty database; this one holds companies already."))
        now = clock.now()
        opened = now - timedelta(days=60)
        house.build(at=opened, since=localtime(opened).date())
        walked = orders.walk(at=now)
        tick.run(at=now)
        self.stdout.write(
            _("%(orders)d orders walked to %(states)d states.")
            % {"orders": len(walked), "states": len({order.state for order in walked})}
        )
