"""What a lower app must show of those above it, it collects from providers that they register."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from flow.policy import Viewer


@dataclass(frozen=True)
class Row:
    """An entry of a list: what it is and where it leads, a badge, a line of facts, lines that stay folded.

    `tone` gives the badge its look; of a clock: ok, near, late, hold, met, missed or off. A clock also has
    its `owner`, a `word` beside its colour, the share of its time that is `used` in percent, and the `ladder`
    of who was told or will be.
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
    owner: Any = ""
    word: Any = ""
    used: int | None = None
    ladder: tuple[Rung, ...] = ()


@dataclass(frozen=True)
class Rung:
    """A step of a clock: told already or still to come."""

    text: Any
    done: bool


@dataclass(frozen=True)
class Fact:
    """A titled fact: of the head of a page, of a card of money. `tone`: good or bad."""

    title: Any
    text: Any
    tone: str = ""
    note: Any = ""


@dataclass(frozen=True)
class Flag:
    """What marks a document beside its state: its class, a shortage, a change. `tone`: near or bad."""

    text: Any
    tone: str = ""


@dataclass(frozen=True)
class Panel:
    """A titled card of a page: a table of `rows` of cells (a cell may be (text, href)), a list of `items`, of
    which those in `earlier` stay folded, or titled `facts` under a bar of `share` percent. `aside`: in the
    narrow column; `more`: where the rest is; `note`: a word in its head; `clocks`: its items are clocks;
    `place`: panels with a smaller one stand first."""

    title: Any
    columns: tuple[Any, ...] = ()
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    items: list[Row] = field(default_factory=list)
    earlier: list[Row] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    share: int | None = None
    aside: bool = False
    more: str = ""
    note: Any = ""
    clocks: bool = False
    place: int = 50


Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Asked:
    """For which document, for whom and when something is collected; what several need is read once."""

    document: Any
    viewer: Viewer
    at: datetime
    kept: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def once(self, name: str, read: Callable[[], Kept]) -> Kept:
        """What `read` returned the first time this name was asked for."""
        if name not in self.kept:
            self.kept[name] = read()
        found: Kept = self.kept[name]
        return found


@dataclass(frozen=True)
class Late:
    """Why a document is or will be late: a `sentence` with {department} and other names in it, what
    stands for those, and `by` how much. `moves`: it moves the day of delivery."""

    department: Any
    sentence: Any
    by: timedelta
    names: Mapping[str, Any] = field(default_factory=dict)
    href: str = ""
    moves: bool = False

    def __str__(self) -> str:
        before, after = self.parts
        return f"{before}{self.department}{after}"

    @property
    def parts(self) -> tuple[str, str]:
        """The sentence before and behind the name of the department, which a page sets apart."""
        said = str(self.sentence).split("{department}", 1)
        before, after = (piece.format(**self.names) for piece in (said if len(said) == 2 else ("", said[0])))
        return before, after


@dataclass(frozen=True)
class Stage:
    """A stage of the way of a document; `role` is the post that owns it before a person does.

    `absorbs`: an earlier delay counts only where it goes beyond this stage's own day.
    """

    key: str
    title: Any
    role: Any = ""
    absorbs: bool = False


@dataclass(frozen=True)
class Mark:
    """What a department says of its stage: who has it, until when, when it will be or was done, how late.

    `open`: whether something is still to be done, where the state of the document alone does not say it.
    """

    owner: Any = ""
    due: datetime | date | None = None
    done: datetime | date | None = None
    forecast: date | None = None
    late: timedelta | None = None
    open: bool | None = None


@dataclass(frozen=True)
class Course:
    """The stages of a document type, which of them is in hand in each state (one more than the last: all are
    done), the states in which the way was left, and the stage whose day was promised to the customer."""

    stages: tuple[Stage, ...]
    at: Mapping[str, int]
    left: frozenset[str] = frozenset()
    promised: str = ""


@dataclass(frozen=True)
class Measure:
    """How much of each line (by its key) has come so far; a column of the table of lines, at its `place`."""

    title: Any
    done: Mapping[int, Decimal]
    place: int


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
Header = Callable[[Asked], Iterable[Flag | Fact | str]]
Why = Callable[[Sequence[Any], datetime], Mapping[int, Iterable[Late]]]
Marker = Callable[[Asked], Mark | None]
Gauge = Callable[[Asked], Iterable[Measure]]
_panels: dict[str, list[Provider]] = defaultdict(list)
_extras: dict[str, dict[str, Extra]] = defaultdict(dict)
_homes: list[Provider] = []
_badges: list[Counter] = []
_menu: list[Entry] = []
_headers: dict[str, list[Header]] = defaultdict(list)
_reasons: dict[str, list[Why]] = defaultdict(list)
_courses: dict[str, Course] = {}
_markers: dict[tuple[str, str], Marker] = {}
_gauges: dict[str, list[Gauge]] = defaultdict(list)


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


# ---- the whole of a document on one page ----


def head(*labels: str) -> Callable[[Header], Header]:
    """Add the flags, facts and plain words that the decorated provider yields to the head of these pages."""

    def register(provider: Header) -> Header:
        for label in labels:
            _headers[label].append(provider)
        return provider

    return register


@dataclass(frozen=True)
class Head:
    """The flags beside the state of a document, the facts at the right, the words below."""

    flags: list[Flag]
    facts: list[Fact]
    words: list[str]


def head_of(asked: Asked) -> Head:
    """What the departments put into the head of a document's page."""
    told = [one for provider in _headers[asked.document.label()] for one in provider(asked)]
    return Head(
        [one for one in told if isinstance(one, Flag)],
        [one for one in told if isinstance(one, Fact)],
        [one for one in told if isinstance(one, str)],
    )


def sentence(*labels: str) -> Callable[[Why], Why]:
    """Let the decorated provider say why documents of these types ("*": all) are late.

    It is asked for many documents at once, `why(documents, at) -> {key: reasons}`, in a number of queries
    that does not depend on how many there are; it must say nothing that only some readers may know.
    """

    def register(provider: Why) -> Why:
        for label in labels:
            _reasons[label].append(provider)
        return provider

    return register


def why_late(documents: Sequence[Any], at: datetime) -> dict[int, list[Late]]:
    """Why each of these documents of one type is late, by key: what moves the delivery first, then by delay.

    The same sentences on a page, in a list and in a warning; a document that is not late is not in it.
    """
    if not documents:
        return {}
    found: dict[int, list[Late]] = defaultdict(list)
    for provider in (*_reasons[documents[0].label()], *_reasons["*"]):
        for pk, reasons in provider(documents, at).items():
            found[pk].extend(reasons)
    return {
        pk: sorted(reasons, key=lambda one: (not one.moves, -one.by))
        for pk, reasons in found.items()
        if reasons
    }


def course(label: str, declared: Course) -> None:
    """Declare the stages of a document type; each department says more of its own by `stage`."""
    _courses[label] = declared


def course_of(label: str) -> Course | None:
    """The stages of a document type, if it has any."""
    return _courses.get(label)


def stage(label: str, key: str) -> Callable[[Marker], Marker]:
    """Let the decorated provider say how one stage stands."""

    def register(provider: Marker) -> Marker:
        if (label, key) in _markers:
            raise RuntimeError(f"The stage {key} of {label} is told twice.")
        _markers[label, key] = provider
        return provider

    return register


def marks_of(asked: Asked) -> dict[str, Mark]:
    """What the departments say of the stages of a document, by their key."""
    label = asked.document.label()
    named = ((key, provider) for (of, key), provider in _markers.items() if of == label)
    return {key: mark for key, provider in named if (mark := provider(asked)) is not None}


def measure(*labels: str) -> Callable[[Gauge], Gauge]:
    """Add the columns that the decorated provider yields to the lines of these document types."""

    def register(provider: Gauge) -> Gauge:
        for label in labels:
            _gauges[label].append(provider)
        return provider

    return register


def measures_of(asked: Asked) -> list[Measure]:
    """How far the lines of a document have come, in the order of the flow."""
    found = [one for provider in _gauges[asked.document.label()] for one in provider(asked)]
    return sorted(found, key=lambda one: one.place)
