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
        (
            f"{localtime(row.at):%m-%d %H:%M}",
            (row.title, reverse("integration:open", args=[row.pk])),
            row.text,
        )
        for row in rows
    ]
    return panels.Panel(_("Notices"), (_("At"), _("Notice"), _("Text")), shown) if shown else None
