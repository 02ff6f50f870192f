"""Prints the SQL that gives the house's daily role no more than it needs (P11)."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_lazy as _

from flow import append_only


class Command(BaseCommand):
    """The role that owns the tables migrates; the one that works reads, adds, changes what may change."""

    help = str(_("Print the SQL that lets a role of PostgreSQL work but not rewrite history."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Adds the name of the role."""
        parser.add_argument("role", help=str(_("the role under which web and workers run")))

    def handle(self, *args: Any, role: str, **options: Any) -> None:
        """Print the statements; the owner of the tables runs them, again after each migration."""
        if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", role):
            raise CommandError(_("The name of a role has small letters, digits and underscores."))
        for statement in statements(role):
            self.stdout.write(f"{statement};")


def statements(role: str) -> Iterator[str]:
    """What the owner grants, and what he takes away again from the tables that only grow."""
    yield f"GRANT USAGE ON SCHEMA public TO {role}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}"
    kept = sorted(model._meta.db_table for model in append_only.models_kept())
    yield f"REVOKE UPDATE, DELETE ON {', '.join(kept)}, django_migrations FROM {role}"
