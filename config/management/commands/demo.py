"""Builds the demo factory: a switchgear group with its people, goods and orders in every stage."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from config import demo
from flow import clock
from org.models import Company


class Command(BaseCommand):
    """Fills an empty database; refuses one that holds anything."""

    help = str(_("Build the demo factory in an empty database."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--if-empty` does nothing where something stands already; `--small`: one order of each state."""
        parser.add_argument("--if-empty", action="store_true")
        parser.add_argument("--small", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Build the house and tell its last months, all of it or nothing."""
        if Company.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError(_("The demo needs an empty database; this one holds companies already."))
        now = clock.now()
        self.stdout.write(str(_("The last three months of the demo factory are being told …")))
        with transaction.atomic():
            told = demo.tell(now=now, small=options["small"])
        self.stdout.write(
            _("%(orders)d orders walked to %(states)d states.")
            % {"orders": len(told), "states": len({order.state for order in told})}
        )
