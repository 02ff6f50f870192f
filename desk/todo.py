"""What a person may do: the buttons of a document's page, and the documents that wait on the first page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Model, Q, QuerySet

from flow import policy
from flow.actions import Action, Discard, actions_of, creation_of, offers
from flow.html import asks, href, list_href, moves_from, screens
from flow.models import Document
from flow.policy import Viewer
from flow.screens import screen_of

SHOWN = 20
# A verb that is possible from more states than this (cancel) is a way out, not what a document waits for.
MOST_STATES = 3

WAY_OUT = 3

# ---- the buttons of a page ----


@dataclass(frozen=True)
class Button:
    """A step on a page: open, or with what stands against it; `plain` posts directly, without a form.

    `rank`: 0 moves the document on, 1 makes the document that comes next, 3 is a way out, 2 all others.
    """

    verb: str
    name: str
    label: Any
    href: str
    rank: int
    reasons: list[Any]
    plain: bool = False
    creates: bool = False
    primary: bool = False


def buttons(document: Document, viewer: Viewer) -> list[Button]:
    """The steps this person may take from here, what moves on first; the first of those is primary."""
    found = [
        _button(offer.action, offer.reasons, document)
        for offer in offers(document, viewer)
        if not isinstance(offer.action.awaited, Q) or _is_due(offer.action, document)
    ]
    found = sorted([*found, *successors(document, viewer)], key=lambda button: button.rank)
    first = next((one for one in found if one.rank < 2 and not one.reasons), None)
    return [replace(one, primary=one is first) for one in found]


def others(document: Document, taken: Sequence[Button]) -> list[Action]:
    """The steps that this document waits for and that are not among the buttons taken: somebody else's."""
    model, mine = type(document), {button.verb for button in taken}
    steps = [action for action in actions_of(model) if action.has_face and not action.creates]
    return [
        action
        for action in (*steps, *_creations_from(model))
        if action.verb not in mine and _is_due(action, document)
    ]


def _is_due(action: Action, document: Any) -> bool:
    """Whether the document waits for this step; a query where its state alone does not say it."""
    if (due := _due(action)) is None:
        return False
    if not isinstance(action.awaited, Q):
        return document.state in moves_from(action)
    return type(document)._default_manager.filter(due, pk=document.pk).exists()


def _button(action: Action, reasons: list[Any], document: Document) -> Button:
    # Nothing is asked, and nothing is thrown away: a click suffices.
    plain = not asks(action) and not isinstance(action, Discard)
    where = f"{href(document)}{action.name}/"
    return Button(action.verb, action.name, action.label, where, _rank(action), reasons, plain)


def _rank(action: Action) -> int:
    if _way_out(action):
        return WAY_OUT
    return 0 if moves_from(action) or isinstance(action.awaited, Q) else 2


def _way_out(action: Action) -> bool:
    return isinstance(action, Discard) or action.awaited is False or len(moves_from(action)) > MOST_STATES


def successors(document: Document, viewer: Viewer) -> list[Button]:
    """The creations that take this document as their parent, open to this person and to its state."""
    found = []
    for action in _creations_from(type(document)):
        states = action.form.base_fields[action.parent].states
        if states and document.state not in states:
            continue
        may = viewer.holds(action.roles_for(document), {document.company_id})
        if may and not action.reasons(document):
            where = _empty_form(action, document)
            rank = 1 if _is_due(action, document) else 2
            found.append(Button(action.verb, action.name, action.label, where, rank, [], creates=True))
    return found


def beginnings(viewer: Viewer) -> list[tuple[Any, str]]:
    """What somebody may begin out of nothing, the kinds upstream first: the step and its empty form."""
    found = [creation_of(screen.model) for screen in screens()]
    return [
        (action.label, f"{list_href(action.model)}new/")
        for action in found
        if action and action.has_face and not action.parent and viewer.companies(action.may) != set()
    ]


def _creations_from(model: type[Model]) -> list[Any]:
    """The creations with a face that join the case of a document of this type."""
    return [
        action
        for action in Action.registry.values()
        if action.has_face and (parent := getattr(action, "parent", ""))
        if getattr(action.form.base_fields.get(parent), "model", None) is model
    ]


def _empty_form(action: Any, parent: Document) -> str:
    return f"{list_href(action.model)}new/?{action.parent}={parent.number or parent.public_id}"


# ---- what waits ----


@dataclass(frozen=True)
class Waiting:
    """Documents of one type that wait for this person: rows of (document, [(what to do, where)])."""

    model: type[Document]
    rows: list[tuple[Document, list[tuple[Any, str]]]]
    more: bool

    @property
    def href(self) -> str:
        """The list of the type."""
        return list_href(self.model)


def waiting(model: type[Document], viewer: Viewer, related: Sequence[str]) -> Waiting | None:
    """The documents of a type for which a step of this person is due, the latest first.

    One query, and one for each step whose condition is more than a state.
    """
    expected_rows = expected(model, viewer)
    if expected_rows is None:
        return None
    mine = _mine(model, viewer)
    # The key runs with the time of creation, and its index spares sorting all that wait.
    rows = expected_rows.select_related("company", "case", *related).order_by("-pk")
    found = list(rows[: SHOWN + 1])
    held = [(action, _held(action, due, found)) for action, due in mine]
    told = [(row, _what(row, held, viewer)) for row in found]
    told = [pair for pair in told if pair[1]]
    return Waiting(model, told[:SHOWN], len(told) > SHOWN) if told else None


def expected(model: type[Document], viewer: Viewer) -> QuerySet[Any] | None:
    """The visible documents of a type on which a step is due by one of the person's roles; None: there is no
    such step. Whom the step is meant for by name is not looked at."""
    query = expects(model, viewer)
    return None if query is None else policy.visible_to(model, viewer).filter(query)


def expects(model: type[Document], viewer: Viewer) -> Q | None:
    """The condition of those documents."""
    if not (mine := _mine(model, viewer)):
        return None
    query = Q(pk__in=[])
    for action, due in mine:
        where = None if action.entitled else viewer.companies(action.may)
        if isinstance(action.awaited, Q):
            # It may look at other tables; looked up apart, no row comes twice and none need be sorted.
            due = Q(pk__in=model._default_manager.filter(due).order_by().values("pk"))
        query |= due if where is None else due & Q(company_id__in=where)
    return query


def count(model: type[Document], viewer: Viewer, most: int) -> int:
    """How many documents of a type wait for this very person, at most `most`.

    One query; where a step is meant for somebody by name, the rows are looked at.
    """
    rows = expected(model, viewer)
    if rows is None:
        return 0
    mine = _mine(model, viewer)
    if not any(action.only or action.entitled for action, _q in mine):
        return rows.order_by()[:most].count()
    found = list(rows.select_related("company", "case", *screen_of(model).related).order_by("-pk")[:most])
    held = [(action, _held(action, due, found)) for action, due in mine]
    return sum(bool(_what(row, held, viewer)) for row in found)


def _mine(model: type[Document], viewer: Viewer) -> list[tuple[Action, Q]]:
    return [(action, due) for action in _steps(model, viewer) if (due := _due(action)) is not None]


def due_on(model: type[Document], states: dict[int, str], viewer: Viewer) -> dict[int, list[tuple[Any, str]]]:
    """What this person is expected to do on these documents, given by key and state: (what to do, where).

    No query where the states alone say that it is nothing; else as many as `waiting` asks.
    """
    mine = _mine(model, viewer)
    asked = [pk for pk, state in states.items() if any(_may_be_due(action, state) for action, _q in mine)]
    if not asked:
        return {}
    related = screen_of(model).related
    rows = list(model._default_manager.filter(pk__in=asked).select_related("company", "case", *related))
    held = [(action, _held(action, due, rows)) for action, due in mine]
    return {row.pk: _what(row, held, viewer) for row in rows}


def _may_be_due(action: Action, state: str) -> bool:
    return isinstance(action.awaited, Q) or state in moves_from(action)


def _steps(model: type[Document], viewer: Viewer) -> list[Action]:
    """The steps on such documents, and the documents made of them, for which this person holds a role."""
    own = [action for action in actions_of(model) if not action.creates and action.has_face]
    return [action for action in (*own, *_creations_from(model)) if viewer.roles & action.may]


def is_called_for(action: Action, state: str) -> bool:
    """Whether documents in this state wait for the step, as far as the state alone says it."""
    return not isinstance(action.awaited, Q) and not _way_out(action) and state in moves_from(action)


def _due(action: Action) -> Q | None:
    """Of which documents it is to be expected that somebody does this; None: of none."""
    if isinstance(action.awaited, Q):
        return action.awaited
    if action.creates or _way_out(action) or not (states := moves_from(action)):
        return None
    return Q(state__in=states)


def _held(action: Action, due: Q, rows: list[Any]) -> set[int]:
    """The keys of the rows of which it is due; a query only where the state alone does not say it."""
    if not isinstance(action.awaited, Q):
        states = moves_from(action)
        return {row.pk for row in rows if row.state in states}
    if not rows:
        return set()
    among = type(rows[0])._default_manager.filter(pk__in=[row.pk for row in rows])
    return set(among.filter(due).values_list("pk", flat=True))


def _what(row: Any, held: list[tuple[Action, set[int]]], viewer: Viewer) -> list[tuple[Any, str]]:
    return [
        (action.label, _empty_form(action, row) if action.creates else f"{href(row)}{action.name}/")
        for action, keys in held
        if row.pk in keys and _his(action, row, viewer)
    ]


def _his(action: Action, row: Any, viewer: Viewer) -> bool:
    """Whether the row waits for this very person; the second-person rule is left to the act itself."""
    if action.entitled:
        may = action.entitled(row, viewer)
    else:
        may = viewer.holds(action.roles_for(row), {row.company_id})
    return may and (action.only is None or action.only(row, viewer.person))
