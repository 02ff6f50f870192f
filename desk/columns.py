"""The columns of a list page: which there are, which somebody chose, and their cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from deadlines import queries
from deadlines.boards import Clock
from desk import stages
from desk.models import Preference
from desk.stages import Dot
from flow import columns, html, listing, panels, render
from flow.columns import Told
from flow.html import Badge
from flow.panels import Flag
from flow.policy import Viewer
from flow.screens import Screen

CLOCK, STAGES, WHY = "clock", "stages", "why"
# What the desk itself tells of a document.
OWN = {CLOCK: _("Nearest clock"), STAGES: _("Stage"), WHY: _("Why late")}
# What every document has, beside the fields of its screen.
FURTHER = ("company", "created_at", "created_by")


@dataclass(frozen=True)
class Head:
    """The head of a column: `sort` is what a click on it asks for ("" where it cannot be sorted by)."""

    name: str
    title: Any
    number: bool = False
    sort: str = ""
    sorted: str = ""


@dataclass(frozen=True)
class Cell:
    """A cell of a list: words, a second line, flags; or a state, a clock, the stages of a way."""

    name: str
    title: Any
    text: Any = ""
    href: str = ""
    number: bool = False
    short: bool = False
    sub: Any = ""
    tone: str = ""
    badge: Badge | None = None
    clock: Clock | None = None
    dots: list[Dot] = field(default_factory=list)
    flags: tuple[Flag, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to be seen in it."""
        shown = self.badge or self.clock or self.dots or self.flags or self.sub
        return not shown and self.text in ("", render.NOTHING)


@dataclass(frozen=True)
class Row:
    """A document in a list with its cells."""

    document: Any
    cells: list[Cell]


def titles(screen: Screen, viewer: Viewer) -> dict[str, Any]:
    """Every column that this person may choose, with its title; those shown at first come first."""
    told = columns.columns_of(screen.model.label(), viewer)
    own = {n: title for n, title in OWN.items() if n != STAGES or panels.course_of(screen.model.label())}
    stored = (*screen.fields, *FURTHER)
    fields = [name for name in dict.fromkeys((*_shown(screen), *stored)) if name not in own]
    open_to = set(render.readable_names(screen.model, tuple(n for n in fields if n not in told), viewer))
    found: dict[str, Any] = {}
    for name in dict.fromkeys((*_shown(screen), *stored, *told, *own)):
        if name in own or name in told:
            found[name] = own[name] if name in own else told[name].title
        elif name in open_to and (name in stored or listing.field_at(screen.model, name) is not None):
            found[name] = render.heading(screen.model, name)
    return found


def _shown(screen: Screen) -> tuple[str, ...]:
    """The columns shown to whoever chose none: as declared, else all fields with a clock after the state."""
    if screen.shown:
        return screen.shown
    place = screen.columns.index("state") + 1 if "state" in screen.columns else len(screen.columns)
    return (*screen.columns[:place], CLOCK, *screen.columns[place:])


def chosen(screen: Screen, viewer: Viewer, wanted: Iterable[str] | None) -> list[str]:
    """The columns to be shown, in their own order: those wanted as far as they are open to the person.

    The first one leads to the document and is always there.
    """
    there = titles(screen, viewer)
    first, names = next(iter(there)), set(_shown(screen) if wanted is None else wanted)
    return [name for name in there if name == first or name in names]


def about_late(screen: Screen, viewer: Viewer) -> tuple[str, ...]:
    """The columns of a list of late documents: figures and makers make room for the reason."""
    told = columns.columns_of(screen.model.label(), viewer)
    figures = {name for name, column in told.items() if column.number or name == "flags"}
    names = chosen(screen, viewer, None)
    kept = [n for n in names if n not in figures | {"created_by"} and not html.is_number(screen.model, n)]
    return (*kept, WHY)


def kept(screen: Screen, viewer: Viewer) -> list[str] | None:
    """The columns that this person once chose for this list; None: none. One query."""
    found = Preference.of(viewer.person, _preference(screen))
    return [str(name) for name in found] if isinstance(found, list) else None


def keep(screen: Screen, viewer: Viewer, names: Sequence[str] | None) -> None:
    """Remember the columns chosen; None: as everybody has them."""
    if names is None:
        Preference.objects.filter(person=viewer.person, name=_preference(screen)).delete()
    else:
        Preference.keep(viewer.person, _preference(screen), list(names))


def _preference(screen: Screen) -> str:
    return f"columns:{screen.model.label()}"


# ---- what stands in them ----


def heads(screen: Screen, names: Sequence[str], viewer: Viewer, ordering: str, *, small: bool) -> list[Head]:
    """The heads of the columns. A long list (not `small`) is sorted only by what an index runs along."""
    there, can = titles(screen, viewer), set(listing.orderings(screen, viewer))
    always = {order.name for order in listing.orders()}
    told = columns.columns_of(screen.model.label(), viewer)
    found = []
    for name in names:
        now = "down" if ordering == f"-{name}" else "up" if ordering == name else ""
        able = name in can and (small or listing.quick(screen.model, name))
        ahead = name if now != "up" else "" if name in always else f"-{name}"
        number = told[name].number if name in told else html.is_number(screen.model, name)
        found.append(Head(name, there[name], number, ahead if able else "", now))
    return found


def rows(screen: Screen, documents: Sequence[Any], heads: Sequence[Head], viewer: Viewer) -> list[Row]:
    """The documents with their cells: one query for the clocks, a constant number for each told column."""
    names = [head.name for head in heads]
    told = {
        name: column.read(documents, viewer) if documents else {}
        for name, column in columns.columns_of(screen.model.label(), viewer).items()
        if name in names
    }
    clocks = queries.nearest(documents, viewer) if CLOCK in names else {}
    late = panels.why_late(documents, viewer.at) if WHY in names else {}
    found = []
    for document in documents:
        here = viewer.on(document)
        cells = []
        for head in heads:
            cell = Cell(head.name, head.title, number=head.number)
            if head.name in told:
                cells.append(_told(cell, told[head.name].get(document.pk)))
            elif head.name in OWN:
                cells.append(_own(cell, document, clocks.get(document.pk), late.get(document.pk, []), viewer))
            else:
                cells.append(_stored(cell, screen, document, here))
        cells[0] = replace(cells[0], text=_name(names[0], document, cells[0]), href=html.href(document))
        found.append(Row(document, cells))
    return found


def _own(cell: Cell, document: Any, run: Any, late: Sequence[panels.Late], viewer: Viewer) -> Cell:
    """A cell that the desk itself tells: the nearest clock, why it is late, the stages of its way."""
    if cell.name == CLOCK:
        return replace(cell, clock=Clock(run, viewer.at, []) if run else None)
    if cell.name == STAGES:
        return replace(cell, dots=stages.dots(document), sub=html.badge(document).text)
    if not late:
        return cell
    before, after = late[0].parts
    said = str(late[0]) if before.strip() else after.strip()
    return replace(cell, text=late[0].department, sub=said, tone="bad")


def _name(first: str, document: Any, cell: Cell) -> Any:
    return str(document) if first == "number" else cell.text


def _told(cell: Cell, told: Told | None) -> Cell:
    if told is None:
        return cell
    return replace(
        cell, text=told.text, sub=told.sub, tone=told.tone, flags=told.flags, short=_short(told.text)
    )


def _stored(cell: Cell, screen: Screen, document: Any, here: Viewer) -> Cell:
    made = html.cell(document, cell.name, here)
    sub = render.text(document, screen.below[cell.name], here) if cell.name in screen.below else ""
    return replace(
        cell,
        text=made.text,
        href=made.href,
        badge=made.badge,
        number=cell.number or made.number,
        short=made.short,
        sub="" if sub == render.NOTHING else sub,
    )


def _short(text: Any) -> bool:
    return html.Cell(str(text)).short
