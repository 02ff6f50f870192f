"""The list of a document type: views, filters as chips, columns one chose, pages by key, the bar of steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Sum
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render as page
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from desk import bulk, columns, exports, filters, saved
from desk.columns import Head
from desk.saved import ORDER, Look
from flow import columns as told
from flow import html, listing, render
from flow.actions import creation_of
from flow.faces import Asking, face, screen_for
from flow.listing import CASE, Page
from flow.policy import Viewer
from flow.refusals import Invalid
from flow.screens import Screen

# So many rows are counted and added up; a list of more is long.
COUNTED = 1_000
PLACE = ("cursor", "page_size")


@dataclass(frozen=True)
class Way:
    """How a list is looked at: the view, and the filters in force; `changed`: other than the view says."""

    path: str
    look: Look | None
    asked: QueryDict
    changed: bool

    def to(self, *without: str, filters_too: bool = False, more: Mapping[str, str] | None = None) -> str:
        """The address of the same list without some names and with others; from its first page on.

        `filters_too`: the filters are not those of the view any more.
        """
        query = QueryDict(mutable=True)
        if self.look is not None:
            query["view"] = self.look.key
        if self.look is None or self.changed or filters_too:
            for name in self.asked:
                query.setlist(name, self.asked.getlist(name))
            if self.look is not None:
                query["changed"] = "1"
        elif (order := self.asked.get(ORDER)) and order != QueryDict(self.look.query).get(ORDER):
            query[ORDER] = order
        for name in without:
            query.pop(name, None)
        for name, value in (more or {}).items():
            query[name] = value
        return f"?{query.urlencode()}" if query else self.path


def way(request: Asking, screen: Screen, looks: Sequence[Look]) -> Way:
    """The view and the filters that the address asks for."""
    key = request.GET.get("view", "")
    look = next((one for one in looks if one.key == key), None)
    said = filters.only(screen, request.GET, ORDER)
    if look is None:
        return Way(html.list_href(screen.model), None, said, False)
    if "changed" in request.GET:
        return Way(html.list_href(screen.model), look, said, True)
    asked = filters.only(screen, QueryDict(look.query), ORDER)
    for name in said:
        asked.setlist(name, said.getlist(name))
    return Way(html.list_href(screen.model), look, asked, bool(set(said) - {ORDER}))


@require_safe
@face
def documents(request: Asking, app: str, slug: str) -> HttpResponseBase:
    """The list of a document type; its rows alone for `HX-Request`; all of it as a file with `format`."""
    screen, viewer = screen_for(app, slug), request.viewer
    looks = saved.looks(screen, viewer)
    here = way(request, screen, looks)
    own = columns.kept(screen, viewer)
    wanted = here.look.columns if here.look and here.look.columns else own
    names = columns.chosen(screen, viewer, wanted)
    if "format" in request.GET:
        said = request.GET.get("columns", "").split(",")
        return exports.answer(request, screen, here.asked, said, request.GET["format"])
    found, wrong = _found(request, screen, here.asked)
    count = None if wrong else _count(screen, viewer, here.asked, found)
    heads = columns.heads(screen, names, viewer, here.asked.get(ORDER, ""), small=_is_small(count))
    context = {"heads": heads, "rows": columns.rows(screen, found.rows, heads, viewer), "at": request.at}
    status = 400 if wrong else 200
    if request.headers.get("HX-Request"):
        return page(request, "desk/list_rows.html", context, status=status)
    context |= _around(request, screen, here, wrong, looks)
    context |= _foot(screen, viewer, here, found, count) | _choices(screen, viewer, heads, here, own)
    return page(request, "desk/list.html", context, status=status)


def _found(request: Asking, screen: Screen, asked: QueryDict) -> tuple[Page, dict[str, list[Any]]]:
    """The rows of the page, or what is wrong with what was asked."""
    whole = asked.copy()
    for name in PLACE:
        if name in request.GET:
            whole[name] = request.GET[name]
    try:
        return listing.page(screen, request.viewer, whole), {}
    except Invalid as invalid:
        return Page([], None), invalid.errors


def _count(screen: Screen, viewer: Viewer, asked: QueryDict, found: Page) -> int | None:
    """How many rows the list has, one more than are counted where it has more; None where counting would
    mean searching through everything once more. At most one query."""
    if asked.get("q"):
        return len(found.rows) if found.next is None and found.previous is None else None
    return listing.matching(screen, viewer, asked).order_by()[: COUNTED + 1].count()


def _is_small(count: int | None) -> bool:
    return count is not None and count <= COUNTED


def _around(
    request: Asking, screen: Screen, here: Way, wrong: dict[str, list[Any]], looks: Sequence[Look]
) -> dict[str, Any]:
    """What stands around the rows of a list: views, search, filters, the way to a new document."""
    viewer, asked = request.viewer, here.asked
    creation = creation_of(screen.model)
    controls = filters.controls(screen, viewer, asked, wrong)
    named = {f"{control.name}{end}" for control in controls for end in ("", "__from", "__to")}
    chips = [(one, here.to(*one.names, filters_too=True)) for one in filters.chips(screen, viewer, asked)]
    return {
        "title": screen.model._meta.verbose_name_plural,
        "kind": screen.model._meta.verbose_name,
        "looks": looks,
        "look": here.look,
        "changed": here.changed,
        "run_by_me": here.look and here.look.saved and here.look.saved.is_run_by(viewer),
        "shareable": saved.shareable(viewer),
        "chips": chips,
        "controls": controls,
        "open_filters": bool(named & set(wrong)),
        "hidden": list(filters.hidden(_kept(here), *(filters.known(screen) - {CASE}))),
        "wrong": [s for name, said in wrong.items() if name not in named for s in said],
        "query": asked.get("q", ""),
        "narrowed": bool(chips or asked.get("q")),
        "path": here.path,
        "creation": creation if creation and viewer.companies(creation.may) != set() else None,
        "board": f"{here.path}board/{_filters_alone(here)}",
        "menu": screen.model.label(),
        "label": screen.model.label(),
    }


def _filters_alone(here: Way) -> str:
    """What narrows the list, for its board; which of the states are shown, the board says itself."""
    asked = filters.hidden(here.asked, ORDER)
    return f"?{query}" if (query := urlencode(list(asked))) else ""


def _kept(here: Way) -> QueryDict:
    """What the form of the filters carries along: the view, and that it is changed; the order."""
    return QueryDict(here.to("q", filters_too=True).partition("?")[2])


def _foot(screen: Screen, viewer: Viewer, here: Way, found: Page, count: int | None) -> dict[str, Any]:
    """The pages before and after, how many rows there are, what they come to; what may be done with them."""
    place = {"cursor": found.next} if found.next else {}
    before = {"cursor": found.previous} if found.previous else {}
    verbs = bulk.verbs(screen, viewer)
    return {
        "back_to_first": here.to(),
        "next": here.to(more=place) if place else "",
        "previous": here.to(more=before) if before else "",
        "count": count,
        "counted": COUNTED,
        "more": count is not None and count > COUNTED,
        "total": _total(screen, viewer, here.asked) if _is_small(count) and count else None,
        "verbs": [(verb, " ".join(sorted(html.moves_from(verb)))) for verb in verbs],
        "narrow": exports.narrowed(here.asked).urlencode(),
    }


def _total(screen: Screen, viewer: Viewer, asked: QueryDict) -> str | None:
    """What the rows of a short list come to, where that is open to the person. One query."""
    rows = listing.matching(screen, viewer, asked).order_by()
    if screen.total:
        roles = screen.model.confidential.get(screen.total)
        if not told.open_everywhere(screen.model, roles, viewer):
            return None
        amount: Decimal | None = rows.aggregate(total=Sum(screen.total))["total"]
        return render.words(amount, "amount") if amount is not None else None
    for column in told.columns_of(screen.model.label(), viewer).values():
        if column.total and told.open_everywhere(screen.model, column.roles, viewer):
            amount = column.total(rows, viewer)
            return render.words(amount, "amount") if amount is not None else None
    return None


def _choices(
    screen: Screen, viewer: Viewer, heads: Sequence[Head], here: Way, own: list[str] | None
) -> dict[str, Any]:
    """The columns to choose from, and the orders."""
    there = columns.titles(screen, viewer)
    shown = {head.name for head in heads}
    now = here.asked.get(ORDER, "")
    orders = [("", _("Newest first"), here.to(ORDER, filters_too=bool(now)))]
    orders += [(one.name, one.label, here.to(more={ORDER: one.name})) for one in listing.orders()]
    orders += [(head.name, head.title, here.to(more={ORDER: head.name})) for head in heads if head.sort]
    named = {name: (name, label, address) for name, label, address in orders}
    # The stages are a drawing: in a file stands the state.
    stored = ",".join("state" if head.name == columns.STAGES else head.name for head in heads)
    asked = filters.hidden(exports.narrowed(here.asked))
    return {
        "export": [("label", screen.model.label()), ("columns", stored), *asked],
        "columns": [(name, title, name in shown, n == 0) for n, (name, title) in enumerate(there.items())],
        "shown": ",".join(head.name for head in heads),
        "stored": stored,
        "reset": own is not None,
        "orders": list(named.values()),
        "ordering": now,
        "order_now": named.get(now.removeprefix("-"), ("", now, ""))[1],
        "back": here.to().partition("?")[2],
        "sorted": [(head, here.to(more={ORDER: head.sort}) if head.sort else "") for head in heads],
    }
