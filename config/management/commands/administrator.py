"""Makes the first administrator of an empty house, which has no account to begin with."""

from __future__ import annotations

import getpass
import os
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from org.models import Company, Membership, Person
from org.roles import Role

# Where no person sits at the terminal, the password comes from here.
VARIABLE = "ADMINISTRATOR_PASSWORD"


class Command(BaseCommand):
    """Makes a person with the post of administrator at the group; the rest is entered in the admin."""

    help = str(_("Make the first administrator; asks for a password."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Adds the user name and what the group is called."""
        parser.add_argument("username")
        parser.add_argument("--group", default="集团", help=str(_("what the group is called")))

    def handle(self, *args: Any, username: str, group: str, **options: Any) -> None:
        """Refuse where somebody administers already, or a password that the house would not take."""
        if Membership.objects.filter(role=Role.ADMIN).exists():
            raise CommandError(_("This house has an administrator, who enters everybody else."))
        if Person.objects.filter(username=username).exists():
            raise CommandError(_("Somebody has the user name {name} already.").format(name=username))
        person = Person(username=username, name=username, is_staff=True)
        password = os.environ.get(VARIABLE) or getpass.getpass()
        try:
            validate_password(password, person)
        except ValidationError as refused:
            raise CommandError("\n".join(refused.messages)) from None
        with transaction.atomic():
            person.set_password(password)
            person.save()
            top = Company.objects.filter(parent__isnull=True).first() or Company.objects.create(
                code="G", name=group, kind=Company.Kind.GROUP
            )
            Membership.objects.create(
                person=person, role=Role.ADMIN, company=top, starts_on=timezone.localdate()
            )
        self.stdout.write(_("{name} administers the house now.").format(name=username))
