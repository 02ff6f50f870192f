"""How the house shows notices: a count in the head of every page, the unread ones on the first page."""

from __future__ import annotations

from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from flow import panels
from integration import notices

FIRST_PAGE = 10


@panels.badge
def unread(asked: panels.Asked) -> panels.Badge:
    """How many notices the person has not read."""
    return panels.Badge(
        _("Notices"), reverse("integration:notices"), notices.unread_count(asked.viewer.person)
    )


@panels.home
def latest(asked: panels.Asked) -> panels.Panel | None:
    """The newest unread notices; nothing where there are none."""
    rows = notices.latest(asked.viewer.person, unread=True, limit=FIRST_PAGE)
    shown = [
        panels.Row(
            row.title,
            reverse("integration:open", args=[row.pk]),
            facts=(f"{localtime(row.at):%Y-%m-%d %H:%M}",),
            text=row.text,
        )
        for row in rows
    ]
    page = reverse("integration:notices")
    return panels.Panel(_("Notices"), items=shown, aside=True, more=page) if shown else None
