"""The pages of jobs: how far they are, what they brought, what was left out and why."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as page
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from desk.imports import work
from flow import html
from flow.authority import is_administrator
from flow.faces import Asking, face
from flow.policy import Viewer
from flow.screens import Screen
from integration import jobs
from integration.models import Job
from org.models import Person

logger = logging.getLogger(__name__)
SHOWN = 50
TONES = {"queued": "wait", "running": "run", "done": "done", "failed": "stop", "cancelled": "old"}


@dataclass(frozen=True)
class Shown:
    """A job as a page shows it."""

    job: Job
    own: bool = True

    @property
    def kind(self) -> Any:
        """What it does."""
        return jobs.label_of(self.job)

    @property
    def tone(self) -> str:
        """The look of its state."""
        return TONES[self.job.state]

    @property
    def share(self) -> int | None:
        """How far it is in percent, if it is known how much there is."""
        return min(100, self.job.done * 100 // self.job.total) if self.job.total else None

    @property
    def seconds(self) -> float | None:
        """How long it took, or None while it runs."""
        job = self.job
        return (
            round((job.ended_at - job.started_at).total_seconds(), 1)
            if job.started_at and job.ended_at
            else None
        )

    @property
    def unsaid(self) -> int:
        """How many rows were left out whose reasons are not kept."""
        return self.job.refused - len(self.job.errors)

    @property
    def with_cells(self) -> bool:
        """Whether the errors speak of cells of a sheet."""
        return any("column" in one or "sheet" in one for one in self.job.errors)


def job_for(person: Person, public_id: UUID) -> Job:
    """A job of one's own, as administrator anybody's. Raises Http404."""
    job = jobs.seen_by(person).filter(public_id=public_id).first()
    if job is None:
        raise Http404(_("There is no such job, or it is not yours."))
    return job


@require_safe
@face
def mine(request: Asking) -> HttpResponse:
    """One's latest jobs; for the administrator those of all, unless `mine=1`."""
    person = request.viewer.person
    everybody = is_administrator(person) and request.GET.get("mine") != "1"
    rows = jobs.seen_by(person) if everybody else jobs.seen_by(person).filter(person=person)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 18:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.order_by("-pk")[: SHOWN + 1])
    context = {
        "rows": [Shown(job) for job in found[:SHOWN]],
        "everybody": everybody,
        "administrator": is_administrator(person),
        "before": found[SHOWN - 1].pk if len(found) > SHOWN else None,
        "menu": "jobs",
    }
    return page(request, "desk/jobs.html", context)


@require_safe
@face
def one(request: Asking, public_id: UUID) -> HttpResponse:
    """A job with its progress; its state alone for `HX-Request`, asked again and again while it runs."""
    job = job_for(request.viewer.person, public_id)
    own = job.person_id == request.viewer.person.pk
    context = {"shown": Shown(job, own), "job": job, "menu": "jobs", "back": _back(job)}
    context |= work.offers(job) if own else {}
    return page(
        request, "desk/job_state.html" if request.headers.get("HX-Request") else "desk/job.html", context
    )


@require_POST
@face
def cancel(request: Asking, public_id: UUID) -> HttpResponse:
    """Ask for the end of a job."""
    job = job_for(request.viewer.person, public_id)
    if jobs.cancel(job, now=timezone.now()):
        messages.success(request, _("The job ends as soon as the row at hand is done."))
    else:
        messages.warning(request, _("The job had ended already."))
    return redirect("desk:job", public_id=public_id)


@require_safe
@face
def result(request: Asking, public_id: UUID) -> FileResponse:
    """The file that a job brought: to who asked for it alone, for it holds what that person may read."""
    return file_of(job_for(request.viewer.person, public_id), request.viewer)


def file_of(job: Job, viewer: Viewer) -> FileResponse:
    """The file of one's own job, to be saved. Raises Http404 where there is none (any more), or where it was
    made with a post that is no longer held (P21)."""
    if job.person_id != viewer.person.pk or job.state != Job.State.DONE or not job.stored:
        raise Http404(_("This job has no file, or it is kept no longer."))
    if not {(role, company) for role, company in job.posts} <= {(p.role, p.company_id) for p in viewer.posts}:
        raise Http404(_("This file was made with a post that you no longer hold. Have it made anew."))
    try:
        content = default_storage.open(job.stored)
    except FileNotFoundError as lost:
        logger.error("The file %s of job %s is missing.", job.stored, job.pk)
        raise Http404(_("The file is missing in the store.")) from lost
    answer = FileResponse(content, as_attachment=True, filename=job.name, content_type=job.mime)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def as_json(job: Job, person: Person) -> dict[str, Any]:
    """A job in the REST face; what its rows say and its file only to who asked for it."""
    own = job.person_id == person.pk
    return {
        "id": str(job.public_id),
        "kind": job.kind,
        "title": job.title,
        "person": str(job.person),
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "refused": job.refused,
        "errors": job.errors if own else [],
        "figures": job.figures,
        "message": job.message,
        "file": job.name if own and job.stored else None,
        "at": job.at,
        "started_at": job.started_at,
        "ended_at": job.ended_at,
    }


def _back(job: Job) -> str:
    """The list on which the job was asked for."""
    screen = Screen.registry.get(str(job.params.get("label", "")))
    return html.list_href(screen.model) if screen else ""
