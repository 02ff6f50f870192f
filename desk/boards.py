"""The board of a document type: states as columns; a card that is moved takes the step that leads there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render as page
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from desk import columns, filters, lists, saved, todo
from desk.columns import Cell, Head
from desk.saved import ORDER
from flow import html, listing, policy
from flow.actions import Action, Discard, actions_of, creation_of
from flow.columns import columns_of as told_columns
from flow.events import By
from flow.faces import Asking, document_for, face, role_names, screen_for
from flow.policy import Viewer
from flow.refusals import Denied, Invalid, Refused, Stale
from flow.screens import Screen

# So many cards stand in a column; so many facts on a card.
SHOWN, FACTS = 20, 3
# So many ways on are named when a card jumps back.
WAYS = 3
# States in which nothing is carried on, left out where a screen names no columns.
OVER = ("stop", "old")


@dataclass(frozen=True)
class Card:
    """A document on the board: its facts, and the steps that this person may take from here."""

    document: Any
    facts: list[Cell]
    clock: Cell | None
    steps: list[tuple[Any, str]]


@dataclass(frozen=True)
class Lane:
    """A column: a state, its cards, and whether there are more of them."""

    state: str
    title: Any
    tone: str
    href: str
    cards: list[Card] = field(default_factory=list)
    more: bool = False


def states_of(screen: Screen) -> list[tuple[str, Any]]:
    """The states that are columns, in the order of the flow."""
    pairs = listing.field_at(screen.model, "state").choices
    if screen.board:
        return [(code, label) for code, label in pairs if code in screen.board]
    return [(code, label) for code, label in pairs if html.tone(screen.model, code) not in OVER]


@require_safe
@face
def board(request: Asking, app: str, slug: str) -> HttpResponse:
    """The documents of a type by state, narrowed as the list is. One query for each state."""
    screen, viewer = screen_for(app, slug), request.viewer
    here = lists.way(request, screen, saved.looks(screen, viewer))
    wrong: list[Any] = []
    try:
        lanes = _lanes(screen, viewer, here)
    except Invalid as invalid:
        lanes, wrong = [], [sentence for said in invalid.errors.values() for sentence in said]
    creation = creation_of(screen.model)
    chips = filters.chips(screen, viewer, here.asked)
    context = {
        "title": screen.model._meta.verbose_name_plural,
        "path": html.list_href(screen.model),
        "lanes": lanes,
        "wrong": wrong,
        "chips": [(one, here.to(*one.names, filters_too=True)) for one in chips],
        "query": here.asked.get("q", ""),
        "hidden": list(filters.hidden(here.asked, "q", ORDER)),
        "list_path": f"{html.list_href(screen.model)}{here.to()}" if here.to().startswith("?") else here.path,
        "creation": creation if creation and viewer.companies(creation.may) != set() else None,
        "menu": f"{html.list_href(screen.model)}board/",
        "label": screen.model.label(),
    }
    return page(request, "desk/board.html", context, status=400 if wrong else 200)


def _lanes(screen: Screen, viewer: Viewer, here: lists.Way) -> list[Lane]:
    """The columns with their newest cards."""
    rows = listing.matching(screen, viewer, here.asked)
    said = here.asked.getlist("state")
    found = {
        state: list(rows.filter(state=state).order_by("-pk")[: SHOWN + 1])
        for state, _label in states_of(screen)
        if not said or state in said
    }
    cards = _cards(screen, [one for several in found.values() for one in several[:SHOWN]], viewer)
    lanes = []
    for state, label in states_of(screen):
        if state in found:
            narrowed = here.to("state", filters_too=True, more={"state": state})
            tone, href = html.tone(screen.model, state), f"{here.path}{narrowed}"
            these = [cards[one.pk] for one in found[state][:SHOWN]]
            lanes.append(Lane(state, label, tone, href, these, len(found[state]) > SHOWN))
    return lanes


def _cards(screen: Screen, documents: Sequence[Any], viewer: Viewer) -> dict[int, Card]:
    """The cards of these documents by key, in a constant number of queries."""
    heads = _heads(screen, viewer)
    found = {}
    for row in columns.rows(screen, documents, heads, viewer):
        _key, *rest = row.cells
        clock = next((cell for cell in rest if cell.name == columns.CLOCK and cell.clock), None)
        facts = [cell for cell in rest if cell.name != columns.CLOCK and not cell.empty]
        found[row.document.pk] = Card(row.document, facts, clock, steps(row.document, viewer))
    return found


def _heads(screen: Screen, viewer: Viewer) -> list[Head]:
    """What stands on a card: the name, the clock, and the first facts of the list."""
    names = columns.chosen(screen, viewer, None)
    there = columns.titles(screen, viewer)
    left_out = {"state", columns.STAGES, columns.CLOCK, "created_by"}
    told = told_columns(screen.model.label(), viewer)
    figures = {name for name in names if name in told and told[name].number}
    figures |= {name for name in names if html.is_number(screen.model, name)}
    facts = [name for name in names[1:] if name not in left_out | figures | {"flags"}]
    wanted = [names[0], columns.CLOCK, *facts[:FACTS], *(["flags"] if "flags" in names else [])]
    return [Head(name, there[name]) for name in dict.fromkeys(wanted)]


def steps(document: Any, viewer: Viewer) -> list[tuple[Any, str]]:
    """The steps that lead out of the state of a document and are this person's, with the address of each.

    What else speaks against one, its own page says. No query.
    """
    return [
        (action.label, f"{html.href(document)}{action.name}/")
        for action in actions_of(type(document))
        if action.has_face and document.state in html.moves_from(action) and _is_his(action, document, viewer)
    ]


def _is_his(action: Action, document: Any, viewer: Viewer) -> bool:
    may = (
        action.entitled(document, viewer)
        if action.entitled
        else viewer.holds(action.roles_for(document), {document.company_id})
    )
    return may and (action.only is None or action.only(document, viewer.person))


# ---- moving a card ----


@require_POST
@face
def move(request: Asking, app: str, slug: str) -> JsonResponse:
    """Take the step that leads the document `id` (seen as `version`) into the state `to`.

    200 with the card as it stands then, or with `go`, the page that asks what the step needs to know; 409
    with all `reasons` where no step leads there or something speaks against it: the card stays where it was.
    """
    screen = screen_for(app, slug)
    document = document_for(request, screen, request.POST.get("id", ""))
    to = request.POST.get("to", "")
    if to not in dict(listing.field_at(screen.model, "state").choices):
        return _refused([_("There is no such state.")])
    said = request.POST.get("version", "")
    if said != str(document.version):
        return _refused(Stale(document).reasons)
    action, reasons = step_to(document, to, request.viewer)
    if action is None:
        return _refused(reasons)
    if html.asks(action) or isinstance(action, Discard):
        return _answer({"go": f"{html.href(document)}{action.name}/"})
    try:
        action(document, by=By(request.viewer.person, request.at), version=document.version)
    except Refused as refused:
        return _refused(refused.reasons)
    except Denied as denied:
        return _refused([denied])
    return _answer(_moved(request, screen, action, document.public_id))


def step_to(document: Any, to: str, viewer: Viewer) -> tuple[Action | None, list[Any]]:
    """The step by which this person moves the document into a state; without one, everything against it."""
    leading = [action for action in actions_of(type(document)) if (document.state, to) in html.moves(action)]
    faced = [action for action in leading if action.has_face]
    if not faced:
        return None, _no_way(document, to, leading, viewer)
    reasons: list[Any] = []
    for action in faced:
        try:
            policy.check(action, document, viewer)
            against = action.reasons(document)
        except Denied as denied:
            against = [denied]
        if not against:
            return action, []
        reasons += [str(reason) for reason in against]
    return None, list(dict.fromkeys(reasons))


def _no_way(document: Any, to: str, leading: list[Action], viewer: Viewer) -> list[str]:
    """Why nobody moves the document there by hand, and where it goes from here instead."""
    labels = dict(listing.field_at(type(document), "state").choices)
    names = {"from": labels[document.state], "to": labels[to]}
    sentence = (
        _("From “{from}” to “{to}” the document goes by itself, when what it waits for is done elsewhere.")
        if leading
        else _("No step leads from “{from}” to “{to}”.")
    )
    return [sentence.format(**names), *_ways_on(document, labels)]


def _ways_on(document: Any, labels: dict[str, Any]) -> list[str]:
    """By which steps the document goes on from its state, and who takes them; ways out are not named."""
    return [
        _("“{step}” leads to “{to}” ({roles}).").format(
            step=action.label, to=labels.get(target, target), roles=role_names(action, document)
        )
        for action in actions_of(type(document))
        if action.has_face and todo.is_called_for(action, document.state)
        for source, target in html.moves(action)
        if source == document.state and target
    ][:WAYS]


def _moved(request: Asking, screen: Screen, action: Action, public_id: Any) -> dict[str, Any]:
    """The card as it stands after the step, and a sentence."""
    document = listing.find(screen.model, str(public_id), request.viewer)
    card = _cards(screen, [document], request.viewer)[document.pk]
    said = _("“{label}”: done. {document} is now “{state}”.").format(
        label=action.label, document=document, state=document.get_state_display()
    )
    context = {"card": card, "board_path": reverse("desk:board", args=screen.model.label().split("."))}
    return {
        "state": document.state,
        "version": document.version,
        "said": said,
        "card": render_to_string("desk/card.html", context, request),
    }


def _answer(said: dict[str, Any], status: int = 200) -> JsonResponse:
    answer = JsonResponse(said, status=status)
    answer["Cache-Control"] = "private, no-store"
    return answer


def _refused(reasons: Sequence[Any]) -> JsonResponse:
    return _answer({"reasons": [str(reason) for reason in reasons]}, 409)
