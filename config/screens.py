"""What the first page shows that no single department can: the clocks of the person who looks."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from deadlines import boards, queries
from deadlines.models import Deadline
from deadlines.notices import sentence_of
from deadlines.screens import row_of
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
    rows = [
        row_of(
            clock,
            title=sentence_of(clock.row.rule),
            subject=named.get((clock.row.subject_type, clock.row.subject_id), clock.row.code),
        )
        for clock in boards.clocks(found, at=asked.at)
    ]
    return panels.Panel(_("My deadlines"), items=rows)


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
