"""Printing several documents: chosen from a list or all of a case, as one PDF; many in the background."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as page
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from desk import waiting
from desk.printing import by_of, pdf_answer, root
from flow import cases, html, idempotency, listing, prints, typesetting
from flow.faces import Asking, face
from flow.models import Document
from flow.policy import Viewer
from flow.prints import Wanted
from flow.refusals import Denied
from flow.screens import Screen
from integration import jobs
from integration.run import Failed, Run

# So many forms are set while somebody waits; more are a job, up to so many.
AT_ONCE, MOST = 20, 500
PRINTED = "printed"


@require_http_methods(["GET", "HEAD", "POST"])
@face
def many(request: Asking) -> HttpResponse:
    """To choose from: the documents `ids` of the type `label`, or all of a `case`; when sent, their PDF."""
    if request.method == "POST":
        return _print(request)
    if case := request.GET.get("case"):
        return offer(request, _of_case(case, request.viewer))
    screen = Screen.registry.get(request.GET.get("label", ""))
    if screen is None:
        raise Http404(_("There is no such kind of document."))
    words = ",".join(request.GET.getlist("ids")).split(",")
    return offer(request, documents(screen, filter(None, map(_uuid, words)), request.viewer))


def offer(request: Asking, found: Iterable[Any]) -> HttpResponse:
    """The page on which the forms of these documents are chosen and printed."""
    rows = [
        (Wanted(document, form, form.chosen()), number == 0)
        for document in found
        for number, form in enumerate(prints.forms_of(document))
        if prints.allowed(form, document, request.viewer)
    ][:MOST]
    offered = " ".join(word_of(wanted) for wanted, _first in rows)
    context = {"rows": rows, "offered": offered, "at_once": AT_ONCE, "menu": "print"}
    return page(request, "desk/print_many.html", context)


def documents(screen: Screen, ids: Iterable[UUID], viewer: Viewer) -> list[Any]:
    """The documents of these public ids that the person may see, in the order of the ids. One query."""
    wanted = list(dict.fromkeys(ids))[:MOST]
    rows = listing.seen(screen.model, viewer).filter(public_id__in=wanted)
    found = {document.public_id: document for document in rows}
    return [found[identity] for identity in wanted if identity in found]


def _of_case(word: str, viewer: Viewer) -> list[Any]:
    """The documents of a case and of those that serve it, in the order of the flow. One query a type."""
    identity = _uuid(word)
    if identity is None:
        raise Http404(_("There is no such case."))
    ids = cases.family(identity)
    rows = (listing.seen(screen.model, viewer).filter(case__in=ids) for screen in html.screens())
    return [document for one in rows for document in one.distinct().order_by("pk")[:MOST]]


def _print(request: Asking) -> HttpResponse:
    words = request.POST.getlist("paper")[: MOST + 1]
    if not 1 <= len(words) <= MOST:
        messages.error(request, _("Choose between 1 and {most} forms.").format(most=MOST))
        found = papers(request.POST.get("offered", "").split(), request.viewer)
        return offer(request, dict.fromkeys(wanted.document for wanted in found if wanted))
    if len(words) > AT_ONCE:
        params = {"papers": words, "root": root(request)}
        title = _("Print {count} forms").format(count=len(words))
        with transaction.atomic():
            job = jobs.start("desk.print", by=by_of(request), title=title, params=params, total=len(words))
        waiting.wait(job, at=request.at)
        return redirect("desk:job", public_id=job.public_id)
    wanted = [one for one in papers(words, request.viewer) if one is not None]
    if len(wanted) < len(words):
        raise Http404(_("There is no such document, or you may not see it."))
    made = prints.issue(wanted, by=by_of(request), viewer=request.viewer, root=root(request))
    return pdf_answer(made, f"{_('Forms')}.pdf", save=request.POST.get("how") == "save")


def word_of(wanted: Wanted) -> str:
    """A form of a document in a word: `orders.contract:<id>:<form>`."""
    return f"{wanted.document.label()}:{wanted.document.public_id}:{wanted.form.slug}"


def papers(words: Sequence[str], viewer: Viewer) -> list[Wanted | None]:
    """The forms that these words name, in all their copies; None for what is not there to be seen.

    One query for each type of document.
    """
    named = [(label, _uuid(identity), slug) for label, identity, slug in (_parted(word) for word in words)]
    by_label: dict[str, set[UUID]] = defaultdict(set)
    for label, identity, _slug in named:
        if identity and label in Screen.registry:
            by_label[label].add(identity)
    found = {
        (label, document.public_id): document
        for label, ids in by_label.items()
        for document in listing.seen(Document.registry[label], viewer).filter(public_id__in=ids)
    }
    return [_wanted(found.get((label, identity)), slug) for label, identity, slug in named]


def _wanted(document: Any, slug: str) -> Wanted | None:
    form = prints.form_of(document, slug) if document is not None else None
    return Wanted(document, form, form.chosen()) if form else None


def _parted(word: str) -> tuple[str, str, str]:
    label, _first, rest = word.partition(":")
    identity, _second, slug = rest.partition(":")
    return label, identity, slug


def _uuid(word: str) -> UUID | None:
    try:
        return UUID(word.strip())
    except ValueError:
        return None


# ---- the job ----


@jobs.kind("desk.print", _("Printing"))
def work(run: Run) -> str:
    """Set one form after the other and bind them to one PDF; what may not be seen any more is left out."""
    words: list[str] = run.params["papers"]
    viewer, by = run.viewer, run.by
    wanted = []
    for number, (word, one) in enumerate(zip(words, papers(words, viewer), strict=True), start=1):
        if one is None:
            run.fail_row(number, _("There is no such document, or you may not see it."), what=word)
            continue
        try:
            prints.check(one.form, one.document, viewer)
        except Denied as denied:
            run.fail_row(number, denied, what=str(one.document), href=html.href(one.document))
            continue
        wanted.append(one)
    if not wanted:
        raise Failed(_("Nothing was left to be printed."))
    files = []
    run.progress(0, len(wanted))
    for file in prints.typeset(wanted, by=by, viewer=viewer, root=run.params["root"]):
        files.append(file)
        run.progress(len(files))
    run.keep(f"{_('Forms')}.pdf", [typesetting.together(files)], mime="application/pdf")
    if not run.known([PRINTED]):
        with run.whole():
            idempotency.claim(by.actor, run.key(PRINTED))
            prints.record(wanted, by)
    return str(_("{count} forms printed.").format(count=len(wanted)))
