"""What the first page shows that no single department can: the clocks of the person who looks."""

from __future__ import annotations

from typing import Any

from django.urls import get_script_prefix
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from deadlines import queries
from deadlines.models import Deadline
from deadlines.notices import sentence_of
from deadlines.screens import span_in_words
from flow import panels
from flow.models import Document

SHOWN = 20


@panels.home
def clocks(asked: panels.Asked) -> panels.Panel | None:
    """My running deadlines by due moment: what is left, what it is about, on which document."""
    found = list(queries.mine(asked.viewer)[:SHOWN])
    if not found:
        return None
    named = _names(found)
    rows: list[tuple[Any, ...]] = [
        (
            span_in_words(row.due_at - asked.at),
            (named.get((row.subject_type, row.subject_id), row.code), f"{get_script_prefix()}{row.path}/"),
            sentence_of(row.rule),
            f"{localtime(row.due_at):%m-%d %H:%M}",
        )
        for row in found
    ]
    return panels.Panel(_("My deadlines"), (_("Left"), _("Document"), _("To be done"), _("Due")), rows)


def _names(found: list[Deadline]) -> dict[tuple[str, int], str]:
    """The documents of the rows by number, one query for each type of document."""
    wanted: dict[str, set[int]] = {}
    for row in found:
        wanted.setdefault(row.subject_type, set()).add(row.subject_id)
    return {
        (label, document.pk): str(document)
        for label, ids in wanted.items()
        for document in Document.registry[label]._default_manager.filter(pk__in=ids)
    }
