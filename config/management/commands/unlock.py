"""Lets somebody in again whom many tries, a lost telephone or both have locked out."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_lazy as _

from org import factors, throttle
from org.models import Person


class Command(BaseCommand):
    """Forgets the counted tries of a name and, when asked to, the second factor of the person."""

    help = str(_("Open the log-in of somebody again before its time, or take a lost second factor away."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Adds the user name, and whether the second factor goes too."""
        parser.add_argument("username")
        parser.add_argument("--factor", action="store_true", help=str(_("take the second factor away too")))

    def handle(self, *args: Any, username: str, factor: bool, **options: Any) -> None:
        """Say what was done; a name that nobody has is an error."""
        person = Person.objects.filter(username=username).first()
        if person is None:
            raise CommandError(_("Nobody has the user name {name}.").format(name=username))
        for name in (username, factors.code_name(person)):
            throttle.forgive(name, None)
        self.stdout.write(_("{name} may try again.").format(name=username))
        if factor and factors.remove(person):
            self.stdout.write(_("The second factor of {name} is taken away.").format(name=username))
