"""What the pages add to those below: a notice leads straight to the step that it asks for."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from desk import tasks, todo
from desk.vitals import MANAGERS
from flow import listing, narrowing, panels
from flow.models import Document
from flow.policy import Viewer
from integration import notices

PARTS = 3

panels.menu(_("Boards"), _("Late and due"), "/late/")
panels.menu(_("Boards"), _("Engine"), "/engine/", may=MANAGERS)


@narrowing.condition("waits", _("Waits for"), (("me", _("me")),))
def waiting_for(rows: QuerySet[Any], choice: str, viewer: Viewer) -> QuerySet[Any]:
    """The documents on which a step is due by one of the person's posts."""
    query = todo.expects(rows.model, viewer)
    return rows.none() if query is None else rows.filter(query)


@notices.leads
def straight_to_the_step(viewer: Viewer, path: str) -> str | None:
    """The page of the step that is due on the document, else on the one document of its case: two taps do."""
    parts = path.strip("/").split("/")
    model = Document.registry.get(".".join(parts[:2])) if len(parts) == PARTS else None
    document = listing.find(model, parts[2], viewer) if model else None
    if model is None or document is None:
        return None
    steps = todo.due_on(model, {document.pk: document.state}, viewer).get(document.pk) or [
        step
        for task in tasks.waiting(viewer)
        if task.document.case_id == document.case_id
        for step in task.steps
    ]
    # Several steps on one document are the answers to one question; the page of the first offers the others.
    if len({_page(address) for _label, address in steps}) != 1:
        return None
    address = steps[0][1]
    return f"{address}{'&' if '?' in address else '?'}from=notice"


def _page(address: str) -> str:
    """The page of the document on which a step is taken."""
    return address.partition("?")[0].rstrip("/").rpartition("/")[0]
