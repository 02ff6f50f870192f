"""Makes everything ready for `serve`, in one process: a second run changes nothing and is quick."""

import hashlib
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.test.utils import override_settings

from config.security.checks import refuse_unsafe_start

COLLECTING = {
    **settings.STORAGES,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}


class Command(BaseCommand):
    """Migrates, compiles the catalogues, collects static files and, in demo mode, fills an empty house."""

    help = "Make everything ready for `serve`."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Adds the choice to leave the database alone."""
        parser.add_argument("--static-only", action="store_true", help="do not touch the database")

    def handle(self, *args: Any, static_only: bool, **options: Any) -> None:
        """Runs the steps in the order in which they need each other."""
        call_command("compile_catalogue")
        collect()
        if static_only:
            return
        refuse_unsafe_start()
        call_command("migrate", interactive=False, verbosity=0)
        if settings.DEMO_MODE:
            call_command("demo", if_empty=True)


def collect() -> None:
    """Collects the static files under hashed names, unless the same files were collected before."""
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    mark = fingerprint()
    if stamp.exists() and stamp.read_text() == mark:
        return
    with override_settings(STORAGES=COLLECTING):
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(mark)


def fingerprint() -> str:
    """Returns a mark that changes with the name, size or time of any static file."""
    mark = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = os.stat(storage.path(path))
            mark.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return mark.hexdigest()
