"""What stands in the columns of an exported list: fields, what departments tell, the nearest clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from deadlines import queries
from desk import columns
from desk.columns import CLOCK, STAGES, WHY
from desk.workbook import Head
from flow import columns as told
from flow import listing, panels, render
from flow.policy import Viewer
from flow.screens import Screen

# So many documents are asked about at once: the queries of an export grow with its chunks, not its rows.
CHUNK = 500


def names_of(screen: Screen, wanted: Iterable[str], viewer: Viewer) -> list[str]:
    """The columns of the file in the order wanted (none: of the screen), if they are open to the person."""
    there = offered(screen, viewer)
    return [name for name in dict.fromkeys(wanted) if name in there] or [
        n for n in screen.columns if n in there
    ]


def offered(screen: Screen, viewer: Viewer) -> dict[str, Any]:
    """Every column that can be exported by this person, with its title; the stages are a drawing."""
    return {name: title for name, title in columns.titles(screen, viewer).items() if name != STAGES}


def heads_of(screen: Screen, names: Sequence[str], viewer: Viewer) -> list[Head]:
    """The heads of the columns."""
    there = offered(screen, viewer)
    return [
        Head(name, str(there[name])[:1].upper() + str(there[name])[1:], 18, money=name.endswith(render.MONEY))
        for name in names
    ]


def cells(
    screen: Screen, rows: Iterable[Any], names: Sequence[str], viewer: Viewer
) -> Iterator[tuple[Any, list[Any]]]:
    """Each document with its cells, by the posts that count in its company."""
    found = iter(rows)
    while chunk := list(islice(found, CHUNK)):
        read = _Told(screen, chunk, names, viewer)
        for document in chunk:
            here = viewer.on(document)
            yield document, [read.cell(document, name, here) for name in names]


class _Told:
    """What is told of a chunk of documents, beside their fields."""

    def __init__(self, screen: Screen, chunk: list[Any], names: Sequence[str], viewer: Viewer) -> None:
        self.told: dict[str, Mapping[int, Any]] = {
            name: column.read(chunk, viewer)
            for name, column in told.columns_of(screen.model.label(), viewer).items()
            if name in names
        }
        self.clocks = queries.nearest(chunk, viewer) if CLOCK in names else {}
        self.late = panels.why_late(chunk, viewer.at) if WHY in names else {}
        # Translated once for the chunk: asking each document for its words costs more than all else.
        self.words = {name: words for name in names if (words := _choices(screen, name))}

    def cell(self, document: Any, name: str, here: Viewer) -> Any:
        """One cell: a number, a day or a moment as such, all else in words."""
        if name == CLOCK:
            run = self.clocks.get(document.pk)
            return run.due_at if run else None
        if name == WHY:
            return " ".join(str(reason) for reason in self.late.get(document.pk, ())) or None
        if name in self.told:
            return _words(self.told[name].get(document.pk))
        if name in self.words and render.readable(type(document), name, here):
            return self.words[name].get(getattr(document, name))
        return render.typed(document, name, here)


def _choices(screen: Screen, name: str) -> dict[Any, str]:
    """The words for the values of a field of few choices."""
    stored = None if "__" in name else listing.field_at(screen.model, name)
    return {value: str(label) for value, label in stored.flatchoices} if stored and stored.choices else {}


def _words(said: Any) -> str | None:
    if said is None:
        return None
    parts = (said.text, said.sub, *(flag.text for flag in said.flags))
    return " · ".join(str(part) for part in parts if part not in ("", render.NOTHING)) or None
