"""The engine's page for managers: is all well, how late do clocks ring, what waits, what was kept safe."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render as page
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from deadlines.screens import length_in_words
from desk import examining, verdict, vitals
from desk.vitals import MANAGERS
from flow.events import By
from flow.faces import Asking, face
from flow.models import MaintenanceRecord
from flow.refusals import Denied
from org.roles import Role

Kind = MaintenanceRecord.Kind
SPANS = (
    (gettext_lazy("Last hour"), timedelta(hours=1)),
    (gettext_lazy("Last day"), timedelta(days=1)),
    (gettext_lazy("Last 30 days"), timedelta(days=30)),
)
# The processes by the name of their beat.
PROCESSES = {"worker": gettext_lazy("Background work"), "stand-in": gettext_lazy("Web in its place")}
KEEPING = (
    (Kind.BACKUP, gettext_lazy("Last backup"), ""),
    (Kind.DRILL, gettext_lazy("Last restore drill"), ""),
    (Kind.INVARIANTS, gettext_lazy("Last check of the stored state"), examining.STATE),
    (Kind.AUDIT, gettext_lazy("Last audit of the events"), examining.PAST),
)
OUTAGES = 10


@dataclass(frozen=True)
class Kept:
    """A line of what was kept safe: what, the newest record, and the examination that can be begun here."""

    label: Any
    row: MaintenanceRecord | None
    examination: str

    @property
    def summary(self) -> str:
        """The first sentence of what was found."""
        return self.row.summary.partition("\n")[0] if self.row else ""

    @property
    def findings(self) -> list[str]:
        """The sentences after the first, of what something was found in."""
        return [] if self.row is None or self.row.succeeded else self.row.summary.splitlines()[1:]

    @property
    def megabytes(self) -> float | None:
        """The size, where there is one."""
        return round(self.row.size / 1_000_000, 1) if self.row and self.row.size is not None else None


def _only_managers(request: Asking) -> None:
    if not request.viewer.roles & MANAGERS:
        raise Denied(_("The engine is looked at by managers and administrators."), sorted(MANAGERS))


@require_safe
@face
def overview(request: Asking) -> HttpResponse:
    """The whole page; as many queries for a year of work as for none."""
    _only_managers(request)
    now = timezone.now()
    found = vitals.figures(at=request.at, now=now)
    administers = Role.ADMIN in request.viewer.roles
    context = {
        "words": verdict.words(found, at=request.at, now=now),
        "spans": [(label, vitals.lateness(found["steps"], since=request.at - span)) for label, span in SPANS],
        "enough": len(found["steps"]) < vitals.STEPS,
        "most": vitals.STEPS,
        "processes": [(label, _ago(found["beats"].get(name), now)) for name, label in PROCESSES.items()],
        "outages": [(x, length_in_words(x.ended_at - x.began_at)) for x in found["outages"][:OUTAGES]],
        "waiting": found["waiting"],
        "clocks": found["clocks"],
        "kept": [Kept(label, found["kept"].get(str(kind)), name) for kind, label, name in KEEPING],
        "sealed_at": found["sealed"][0],
        "administers": administers,
        "menu": "/engine/",
    }
    return page(request, "desk/engine.html", context)


@require_POST
@face
def examine(request: Asking) -> HttpResponse:
    """Begin an examination as a job, unless it runs already."""
    _only_managers(request)
    name = request.POST.get("what", "")
    if name not in examining.TITLES:
        return HttpResponseBadRequest(_("There is no such examination."))
    _job, new = examining.begin(name, by=By(request.viewer.person, request.at))
    if new:
        messages.success(request, _("The examination has begun; its outcome will stand on this page."))
    else:
        messages.info(request, _("This examination runs already."))
    return HttpResponseRedirect(reverse("desk:engine"))


def _ago(at: datetime | None, now: datetime) -> str:
    """How long ago in words."""
    if at is None:
        return _("never")
    seconds = int((now - at).total_seconds())
    return _("{n} s ago").format(n=seconds) if seconds < 120 else _("{span} ago").format(
        span=length_in_words(now - at)
    )  # fmt: skip
