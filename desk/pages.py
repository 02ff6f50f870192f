"""The page of one document: everything about it on one page, for every type of document alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.http import FileResponse, HttpResponse
from django.shortcuts import render as page
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from desk import comments, history, progress, stages, todo, tree
from desk.history import History
from desk.stages import Bar
from flow import html, panels, timeline
from flow.actions import Action
from flow.faces import Asking, document_for, face, file_answer, role_names, screen_for
from flow.models import Document
from flow.panels import Asked
from flow.screens import Screen

# So many files and remarks stand beside the page; the time-line has all of them.
FILES, REMARKS = 6, 5
# So many reasons why it is late unfold below the first one.
REASONS = 5
# So many people are asked at once when somebody needs help.
ASKED = 3


@require_safe
@face
def document(request: Asking, app: str, slug: str, identity: str) -> HttpResponse:
    """One document: where it stands, will it be late and why, who has it, and everything that hangs on it."""
    screen = screen_for(app, slug)
    found = document_for(request, screen, identity)
    asked = Asked(found, request.viewer, request.at)
    whole = timeline.leads_case(found)
    grown = tree.tree(found, request.viewer, whole=whole)
    told = History(found, request.viewer, whole=whole, names=tree.names(grown.all))
    context = {
        "document": found,
        "kind": screen.model._meta.verbose_name,
        "title": screen.model._meta.verbose_name_plural,
        "path": html.href(found),
        "list_path": html.list_href(screen.model),
        "badge": html.badge(found),
        "tree": grown,
        "whole": whole,
        "once": uuid4().hex,
        "menu": screen.model.label(),
        "draft": comments.drafted(found, request.GET, request.at),
        **_head(asked),
        **_body(asked, screen),
        **_panels(asked),
        **_papers(told),
        **_line(request, told),
        **_possible(found, request),
    }
    return page(request, "desk/document.html", context)


def _head(asked: Asked) -> dict[str, Any]:
    """Flags and facts, the sentence why it is late, the stages."""
    head = panels.head_of(asked)
    bar = stages.bar(asked)
    late = panels.why_late([asked.document], asked.at).get(asked.document.pk, [])
    return {
        "flags": head.flags,
        "words": head.words,
        "head_facts": _with_expected(head.facts, bar),
        "bar": bar,
        "late": late[:1],
        "later": late[1 : REASONS + 1],
    }


def _with_expected(facts: list[panels.Fact], bar: Bar | None) -> list[panels.Fact]:
    """The facts with the day that is expected behind the day that was agreed, where it is a later one."""
    if bar is None or bar.expected is None or not bar.late_days:
        return facts
    note = _("{days} days late").format(days=bar.late_days)
    expected = panels.Fact(_("Delivery expected"), bar.expected.isoformat(), "bad", note)
    return [*facts[:1], expected, *facts[1:]]


def _body(asked: Asked, screen: Screen) -> dict[str, Any]:
    """The lines, with how far they have come if anybody measures it, and the fields."""
    measured = progress.table(asked, screen.lines[0]) if screen.lines else None
    plain = screen.lines[1:] if measured else screen.lines
    return {
        "facts": html.facts(screen, asked.document, asked.viewer),
        "lines": measured,
        "tables": html.line_tables(asked.document, plain, asked.viewer),
    }


def _panels(asked: Asked) -> dict[str, Any]:
    found = sorted(panels.panels_of(asked), key=lambda panel: panel.place)
    return {
        "wide": [panel for panel in found if not panel.aside],
        "aside": [panel for panel in found if panel.aside],
    }


def _papers(told: History) -> dict[str, Any]:
    """The newest files and remarks."""
    remarks = told.leaf(history.COMMENTS)
    return {
        "files": history.shown_files(told, FILES),
        "more_files": max(len(told.attachments) - FILES, 0),
        "remarks": list(reversed(remarks.rows[:REMARKS])),
        "more_remarks": len(remarks.rows) > REMARKS or remarks.before is not None,
    }


def _line(request: Asking, told: History) -> dict[str, Any]:
    """The tab of the time-line that was asked for, at the place that was asked for."""
    tab = request.GET.get("tab", history.ALL)
    tab = tab if tab in dict(history.TABS) else history.ALL
    said = request.GET.get("before", "")
    before = int(said) if said.isdecimal() and len(said) < 19 else None
    leaf = told.leaf(tab, before)
    named = ((name, label, told.counts[name]) for name, label in history.TABS)
    return {
        "tabs": [one for one in named if one[2] or one[0] == history.ALL],
        "tab": tab,
        "leaf": leaf,
        "earlier": before,
    }


@require_safe
@face
def line(request: Asking, app: str, slug: str, identity: str) -> HttpResponse:
    """The time-line alone, for a tab or for what comes before; the page has the same as plain links."""
    screen = screen_for(app, slug)
    found = document_for(request, screen, identity)
    whole = timeline.leads_case(found)
    told = History(found, request.viewer, whole=whole)
    context = {"path": html.href(found), "whole": whole, "document": found, **_line(request, told)}
    rows_alone = request.GET.get("part") == "rows"
    return page(request, "desk/told_rows.html" if rows_alone else "desk/timeline.html", context)


# ---- what one may do here ----


def _possible(found: Document, request: Asking) -> dict[str, Any]:
    """The buttons open to this person, those with something against them, and whose turn it is otherwise."""
    buttons = todo.buttons(found, request.viewer)
    others = todo.others(found, buttons)
    return {
        "opened": [button for button in buttons if not button.reasons and button.rank < todo.WAY_OUT],
        "ways_out": [button for button in buttons if not button.reasons and button.rank == todo.WAY_OUT],
        "barred": [button for button in buttons if button.reasons and button.rank < todo.WAY_OUT],
        "ways_barred": [button for button in buttons if button.reasons and button.rank == todo.WAY_OUT],
        "others": _others(found, request, others),
    }


@dataclass(frozen=True)
class Other:
    """A step that is somebody else's: what, whose, and the ids of people who may be asked for it."""

    label: Any
    roles: str
    ask: str


def _others(found: Any, request: Asking, steps: list[Action]) -> list[Other]:
    """The steps that this document waits for from others. One query."""
    roles = {role for action in steps for role in action.roles_for(found)}
    people = comments.holders_of(roles, found, request.at) if roles else {}
    told = []
    for action in steps:
        ids = dict.fromkeys(pk for role in sorted(action.roles_for(found)) for pk in people.get(role, ()))
        ask = [str(pk) for pk in ids if pk != request.user.pk][:ASKED]
        told.append(Other(action.label, role_names(action, found), ",".join(ask)))
    return told


@require_safe
@face
def download(request: Asking, public_id: UUID) -> FileResponse:
    """A file, to be saved."""
    return file_answer(public_id, request.viewer)
