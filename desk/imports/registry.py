"""All that can be read in, by name."""

from __future__ import annotations

from functools import cache

from desk.imports import documents, edits, masters
from desk.imports.targets import Target
from flow.policy import Viewer


@cache
def known() -> dict[str, Target]:
    """Every target; asked for once all actions are declared."""
    found = [*masters.declared(), *documents.declared(), *edits.declared()]
    return {target.name: target for target in found}


def open_to(viewer: Viewer) -> list[Target]:
    """The targets that this person may read something into, somewhere."""
    return [target for target in known().values() if target.allowed(viewer)]
