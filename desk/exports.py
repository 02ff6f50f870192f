"""A list as a file: its filters, the columns chosen, as CSV or as a workbook that can be read in again."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import FileResponse, Http404, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.shortcuts import render as page
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from desk import exported, waiting, workbook
from desk.workbook import Head
from flow import html, listing
from flow.events import By
from flow.faces import Asking, face
from flow.policy import Viewer
from flow.refusals import Invalid
from flow.screens import Screen
from integration import jobs
from integration.models import Job
from integration.run import Failed, Run

# So many rows are sent while one waits; more are written in the background.
AT_ONCE = 2_000
MOST = 1_000_000
# So many rows picked one by one.
PICKED = 5_000
FORMATS = {"xlsx": workbook.MIME, "csv": "text/csv; charset=utf-8"}
# What stands in the address of a list beside its filters.
NOT_FILTERS = {
    "format", "columns", "column", "label", "verb", "ids", "all", "sure", "query", "view", "cursor",
    "page_size", "changed", "csrfmiddlewaretoken",
}  # fmt: skip


# ---- what is exported ----


def narrowed(query: Mapping[str, Any]) -> QueryDict:
    """The filters, words and order of a list among what an address or a form says."""
    found = QueryDict(mutable=True)
    for name in query:
        if name not in NOT_FILTERS:
            values = query.getlist(name) if isinstance(query, QueryDict) else [str(query[name])]
            found.setlist(name, values)
    return found


def rows_of(screen: Screen, viewer: Viewer, query: str, ids: Sequence[str] | None = None) -> Iterator[Any]:
    """The documents of a list, or those picked in it (`ids`: public ids), as far as the person sees them.

    Raises Failed with a sentence where the filter cannot be understood.
    """
    if ids is not None:
        rows = listing.seen(screen.model, viewer).filter(public_id__in=ids[:PICKED])
        return rows.order_by("-pk").iterator(chunk_size=500)
    try:
        return listing.every(screen, viewer, QueryDict(query))
    except Invalid as invalid:
        raise Failed(sentence_of(invalid)) from invalid


def sentence_of(invalid: Invalid) -> str:
    """What is wrong with a filter, in a row."""
    return " ".join(str(s) for said in invalid.errors.values() for s in said)


def write(file: Any, form: str, screen: Screen, names: Sequence[str], rows: Any, viewer: Viewer) -> int:
    """Write the rows into the open binary file; how many."""
    if form == "csv":
        return sum(1 for line in _csv_lines(screen, names, rows, viewer) if file.write(line.encode())) - 1
    own = [Head("id", str(_("Id")), hidden=True), Head("version", str(_("Version")), hidden=True)]
    whole = (
        [str(row.public_id), row.version, *cells]
        for row, cells in exported.cells(screen, rows, names, viewer)
    )
    return workbook.write(file, [*own, *exported.heads_of(screen, names, viewer)], whole)


def _csv_lines(screen: Screen, names: Sequence[str], rows: Any, viewer: Viewer) -> Iterator[str]:
    """The lines of a CSV file; the first begins with the mark by which Excel knows UTF-8."""
    writer = csv.writer(_Echo())
    titles = [head.title for head in exported.heads_of(screen, names, viewer)]
    yield "\ufeff" + writer.writerow([html.guarded(title) for title in titles])
    for _row, cells in exported.cells(screen, rows, names, viewer):
        yield writer.writerow([html.guarded(_plain(found)) for found in cells])


class _Echo:
    """A file that hands back what is written into it."""

    def write(self, text: str) -> str:
        return text


def _plain(found: Any) -> str:
    """A cell as text that programs and people read alike."""
    if found is None:
        return ""
    if isinstance(found, datetime):
        return f"{localtime(found) if found.tzinfo else found:%Y-%m-%d %H:%M}"
    if isinstance(found, Decimal):
        short = found.normalize()
        return format(short if int(short.as_tuple().exponent) <= 0 else short.quantize(Decimal(1)), "f")
    return found.isoformat() if isinstance(found, date) else str(found)


# ---- the faces ----


@require_http_methods(["GET", "HEAD", "POST"])
@face
def export(request: Asking) -> HttpResponseBase:
    """The choice of columns for a list (`label` and its filters); posted, or with `format`: the file."""
    said = request.POST if request.method == "POST" else request.GET
    screen = Screen.registry.get(said.get("label", ""))
    if screen is None:
        raise Http404(_("There is no such kind of document."))
    if request.method == "POST":
        query = QueryDict(said["query"]) if "query" in said else said
        return begin(request, screen, said.get("format", ""), narrowed(query).urlencode(), _wanted(said))
    if "format" in said:
        return answer(request, screen, narrowed(said), _wanted(said), said["format"])
    return _choice(request, screen, narrowed(said), _wanted(said))


def answer(
    request: Asking, screen: Screen, asked: Mapping[str, Any], wanted: Iterable[str], form: str
) -> HttpResponseBase:
    """The file of a list short enough to wait for; else the page that has it made in the background."""
    if form not in FORMATS:
        raise Http404(_("There is no such kind of file."))
    filters = narrowed(asked)
    try:
        many = listing.matching(screen, request.viewer, filters)[: AT_ONCE + 1].count() > AT_ONCE
        if many:
            return _choice(request, screen, filters, wanted, form=form)
        rows = listing.every(screen, request.viewer, filters)
    except Invalid as invalid:
        raise Http404(sentence_of(invalid)) from invalid
    names = exported.names_of(screen, wanted, request.viewer)
    return _file(request, screen, form, names, rows)


def begin(
    request: Asking,
    screen: Screen,
    form: str,
    query: str,
    wanted: Sequence[str],
    ids: list[str] | None = None,
) -> HttpResponse:
    """Start the job that writes the file, and show it; if it is soon done, with the file."""
    if form not in FORMATS:
        raise Http404(_("There is no such kind of file."))
    job = start(screen, By(request.viewer.person, request.at), form, query, wanted, ids)
    return redirect("desk:job", public_id=waiting.wait(job, at=request.at).public_id)


def start(
    screen: Screen, by: By, form: str, query: str, wanted: Sequence[str], ids: list[str] | None = None
) -> Job:
    """The job that writes the file of a list."""
    title = _("Export: {kind}").format(kind=screen.model._meta.verbose_name_plural)
    params = {"label": screen.model.label(), "format": form, "query": query, "columns": list(wanted)}
    return jobs.start("desk.export", by=by, title=title, params=params | ({"ids": ids} if ids else {}))


def _choice(
    request: Asking, screen: Screen, filters: QueryDict, wanted: Iterable[str], *, form: str = ""
) -> HttpResponse:
    chosen = set(exported.names_of(screen, wanted, request.viewer))
    there = exported.offered(screen, request.viewer)
    context = {
        "title": screen.model._meta.verbose_name_plural,
        "path": f"{html.list_href(screen.model)}?{filters.urlencode()}",
        "label": screen.model.label(),
        "query": filters.urlencode(),
        "columns": [(name, title, name in chosen) for name, title in there.items()],
        "format": form,
        "limit": AT_ONCE,
        "menu": screen.model.label(),
    }
    return page(request, "desk/export.html", context)


def _wanted(said: QueryDict) -> list[str]:
    """The columns named in an address or form: `columns=a,b` or `column=a&column=b`."""
    return [name for name in (*said.get("columns", "").split(","), *said.getlist("column")) if name]


def _file(request: Asking, screen: Screen, form: str, names: Sequence[str], rows: Any) -> HttpResponseBase:
    made: HttpResponseBase
    name = file_name(screen, form, request.at)
    if form == "csv":
        lines = _csv_lines(screen, names, rows, request.viewer)
        made = StreamingHttpResponse(lines, content_type=FORMATS[form])
        made["Content-Disposition"] = f'attachment; filename="{name}"'
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
        write(file, form, screen, names, rows, request.viewer)
        file.seek(0)
        made = FileResponse(file, as_attachment=True, filename=name, content_type=FORMATS[form])
    made["Cache-Control"] = "private, no-store"
    return made


def file_name(screen: Screen, form: str, at: datetime) -> str:
    """What the file is called: the kind of document and the day."""
    return f"{screen.model.slug}-{localtime(at):%Y%m%d}.{form}"


def href(screen: Screen, **asked: str) -> str:
    """The address of the page on which an export is chosen."""
    return f"{reverse('desk:export')}?{urlencode({'label': screen.model.label(), **asked})}"


# ---- the job ----


@jobs.kind("desk.export", _("Export"))
def work(run: Run) -> str:
    """Write the rows of a list, as far as its person may read them now, into a file."""
    said = run.params
    screen, viewer = Screen.registry[said["label"]], run.viewer
    names = exported.names_of(screen, said["columns"], viewer)
    rows = rows_of(screen, viewer, said["query"], said.get("ids"))
    with tempfile.TemporaryFile() as file:
        count = write(file, said["format"], screen, names, _told(run, rows), viewer)
        file.seek(0)
        name = file_name(screen, said["format"], run.at)
        run.keep(name, iter(lambda: file.read(65_536), b""), mime=FORMATS[said["format"]])
    run.progress(count, count)
    return str(_("{count} rows").format(count=count))


def _told(run: Run, rows: Iterable[Any]) -> Iterator[Any]:
    for count, row in enumerate(rows, start=1):
        if count > MOST:
            raise Failed(_("No file holds more than {most} rows; narrow the filter.").format(most=MOST))
        run.progress(count)
        yield row
