"""What a lower app must show of those above it, it collects from providers that they register."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flow.policy import Viewer


@dataclass(frozen=True)
class Row:
    """An entry of a list: what it is and where it leads, a badge, a line of facts, lines that stay folded.

    `tone` gives the badge its look; of a clock: ok, near, late, hold, met, missed or off.
    """

    title: Any
    href: str = ""
    subject: Any = ""
    tone: str = ""
    badge: Any = ""
    facts: tuple[Any, ...] = ()
    text: Any = ""
    fold: Any = ""
    folded: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Panel:
    """A titled card of a page: a table of `rows` of cells (a cell may be (text, href)), or a list of `items`,
    of which those in `earlier` stay folded. `aside`: in the narrow column; `more`: where the rest is."""

    title: Any
    columns: tuple[Any, ...] = ()
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    items: list[Row] = field(default_factory=list)
    earlier: list[Row] = field(default_factory=list)
    aside: bool = False
    more: str = ""


@dataclass(frozen=True)
class Asked:
    """For which document, for whom and when something is collected."""

    document: Any
    viewer: Viewer
    at: datetime


@dataclass(frozen=True)
class Badge:
    """A count in the head of every page, with the path it leads to; 0 shows no number."""

    label: Any
    path: str
    count: int


@dataclass(frozen=True)
class Entry:
    """A page of a department in the side navigation, for holders of one of the roles (none: for all)."""

    group: Any
    label: Any
    path: str
    may: frozenset[str] = frozenset()


Provider = Callable[[Asked], Panel | None]
Counter = Callable[[Asked], Badge | None]
Extra = Callable[[Asked], Any]
_panels: dict[str, list[Provider]] = defaultdict(list)
_extras: dict[str, dict[str, Extra]] = defaultdict(dict)
_homes: list[Provider] = []
_badges: list[Counter] = []
_menu: list[Entry] = []


def panel(*labels: str) -> Callable[[Provider], Provider]:
    """Show what the decorated provider returns on the page of these document types ("*": all)."""

    def register(provider: Provider) -> Provider:
        for label in labels:
            _panels[label].append(provider)
        return provider

    return register


def extra(name: str, *labels: str) -> Callable[[Extra], Extra]:
    """Add the field `name` to the API answer of these document types ("*": all)."""

    def register(provider: Extra) -> Extra:
        for label in labels:
            _extras[label][name] = provider
        return provider

    return register


def panels_of(asked: Asked) -> Iterator[Panel]:
    """The panels of a document, those of its own type first."""
    for provider in (*_panels[asked.document.label()], *_panels["*"]):
        if (made := provider(asked)) is not None:
            yield made


def extras_of(asked: Asked) -> dict[str, Any]:
    """The further API fields of a document."""
    return {n: f(asked) for n, f in {**_extras["*"], **_extras[asked.document.label()]}.items()}


def home(provider: Provider) -> Provider:
    """Show what the decorated provider returns on everybody's first page; `asked.document` is None there."""
    _homes.append(provider)
    return provider


def homes_of(viewer: Viewer, at: datetime) -> list[Panel]:
    """The panels of this person's first page, in the order of their registration."""
    asked = Asked(None, viewer, at)
    return [made for provider in _homes if (made := provider(asked)) is not None]


def badge(counter: Counter) -> Counter:
    """Show the count that the decorated function returns in the head of every page (one query, no more)."""
    _badges.append(counter)
    return counter


def badges_of(viewer: Viewer, at: datetime) -> list[Badge]:
    """The counts in the head of this person's pages."""
    asked = Asked(None, viewer, at)
    return [made for counter in _badges if (made := counter(asked)) is not None]


def menu(group: Any, label: Any, path: str, *, may: frozenset[str] = frozenset()) -> None:
    """Put a page of a department (a board, a scan page) into the side navigation."""
    _menu.append(Entry(group, label, path, may))


def menu_of(viewer: Viewer) -> list[Entry]:
    """The navigation entries that this person may follow."""
    return [entry for entry in _menu if not entry.may or viewer.roles & entry.may]
