"""Prints a new service token of a person."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integration import tokens
from org.models import Person
from org.models.people import SYSTEM


class Command(BaseCommand):
    """`manage.py token <username>`: the secret goes to the output once and is kept nowhere."""

    help = "Make a service token for a person and print it; it is shown only this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Takes the log-in name and what the token is for."""
        parser.add_argument("username")
        parser.add_argument("--purpose", default="", help="what the token is for")

    def handle(self, *args: Any, **options: Any) -> None:
        """Makes and prints the token."""
        person = Person.objects.filter(username=options["username"], is_active=True).first()
        if person is None or person.username == SYSTEM:
            raise CommandError(f"There is nobody named {options['username']} who may log in.")
        _token, secret = tokens.issue(person, purpose=options["purpose"])
        self.stdout.write(secret)
