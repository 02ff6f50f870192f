"""The pages of importing: what can be read in, its template, a file handed in, what follows a trial."""

from __future__ import annotations

import tempfile
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as page
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from desk import jobs as job_pages
from desk import tables, waiting, workbook
from desk.imports import registry, work
from desk.imports.targets import GROUPS, Column, Target
from desk.workbook import Head
from flow.events import By
from flow.faces import Asking, face
from flow.policy import Viewer
from integration.models import Job

RECENT = 20


class HandIn(forms.Form):
    """A file to be read in."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("An .xlsx, .xls or .csv file of at most 10 MB and 50,000 rows."),
    )

    def clean_file(self) -> Any:
        """Refuse what cannot be a table."""
        tables.check(self.cleaned_data["file"])
        return self.cleaned_data["file"]


def target_for(name: str, viewer: Viewer) -> Target:
    """What can be read in under this name. Raises Http404 for who may not."""
    target = registry.known().get(name)
    if target is None or not target.allowed(viewer):
        raise Http404(_("There is nothing of this kind that you may read in."))
    return target


@require_safe
@face
def index(request: Asking) -> HttpResponse:
    """Everything that this person may read in, and their latest imports."""
    found = registry.open_to(request.viewer)
    groups = [(title, [t for t in found if t.group == key]) for key, title in GROUPS]
    recent = Job.objects.filter(person=request.viewer.person, kind__in=(work.IMPORT, work.UNDO))
    context = {
        "groups": [(title, rows) for title, rows in groups if rows],
        "recent": [job_pages.Shown(job) for job in recent.order_by("-pk")[:RECENT]],
        "menu": "imports",
    }
    return page(request, "desk/imports.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@face
def hand_in(request: Asking, name: str) -> HttpResponse:
    """The columns of a kind and the form for its file; posted, the file is tried."""
    target = target_for(name, request.viewer)
    form = HandIn(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        job = work.check(target, form.cleaned_data["file"], By(request.viewer.person, request.at))
        return redirect("desk:job", public_id=waiting.wait(job, at=request.at).public_id)
    context = {
        "target": target,
        "group": dict(GROUPS)[target.group],
        "columns": target.columns(request.viewer),
        "form": form,
        "menu": "imports",
    }
    return page(request, "desk/import.html", context, status=422 if request.method == "POST" else 200)


@require_safe
@face
def template(request: Asking, name: str) -> FileResponse:
    """The sheet to be filled in: titles, keys and an example, and what stands in each column."""
    target = target_for(name, request.viewer)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    write_template(file, target.columns(request.viewer))
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=workbook.MIME)


def write_template(file: Any, columns: list[Column]) -> None:
    """Write the template into the open binary file."""
    example = [column.example for column in columns]
    heads = [Head(c.key, f"{c.title} *" if c.required else c.title, width=20) for c in columns]
    mark = Head(f"{work.MARK}{work.mark_of(example)}", "", hidden=True)
    notes = [[_("Column"), _("Needed"), _("What stands there")]]
    notes += [[c.title, _("yes") if c.required else "", str(c.hint or "")] for c in columns]
    rows = [example] if any(example) else []
    workbook.write(file, [*heads, mark], rows, notes=(_("Explanation"), notes))


@require_POST
@face
def apply(request: Asking, public_id: UUID) -> HttpResponse:
    """Read in what was tried: `mode` is `whole` (all or nothing) or `good` (what is in order)."""
    checked = own_job(request, public_id)
    mode = request.POST.get("mode")
    if mode not in (work.WHOLE, work.GOOD) or not work.is_ready(checked):
        raise Http404(_("There is no tried sheet to be read in."))
    job = work.apply(checked, mode, By(request.viewer.person, request.at))
    if job is None:
        messages.warning(request, _("This sheet was read in already."))
        return redirect("desk:job", public_id=public_id)
    return redirect("desk:job", public_id=waiting.wait(job, at=request.at).public_id)


@require_POST
@face
def undo(request: Asking, public_id: UUID) -> HttpResponse:
    """Take an import back."""
    imported = own_job(request, public_id)
    if not work.can_be_undone(imported):
        raise Http404(_("There is nothing left of it to be undone."))
    job = work.undo(imported, By(request.viewer.person, request.at))
    return redirect("desk:job", public_id=waiting.wait(job, at=request.at).public_id)


def own_job(request: Asking, public_id: UUID) -> Job:
    """An import of one's own that one still may do. Raises Http404."""
    job = Job.objects.filter(public_id=public_id, person=request.viewer.person, kind=work.IMPORT).first()
    if job is None:
        raise Http404(_("There is no such import of yours."))
    target_for(job.params["target"], request.viewer)
    return job
