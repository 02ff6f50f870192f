"""Compiles the message catalogues without any system tool."""

from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation.reloader import translation_file_changed


class Command(BaseCommand):
    """Writes each .mo file that is missing or older than its .po file."""

    help = "Compile the message catalogues in pure Python (msgfmt is not needed)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Compiles every catalogue of the project."""
        for folder in settings.LOCALE_PATHS:
            for source in sorted(Path(folder).glob("*/LC_MESSAGES/*.po")):
                if compile_catalogue(source):
                    # What this process translated so far, it translated without the new catalogue.
                    translation_file_changed(None, source.with_suffix(".mo"))


def compile_catalogue(source: Path) -> bool:
    """Compiles one catalogue if it changed since; tells whether it did. Fuzzy entries stay out."""
    target = source.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return False
    draft = target.with_suffix(".mo.new")
    polib.pofile(str(source)).save_as_mofile(str(draft))
    draft.replace(target)
    return True
