"""The documents of a case as a tree: what each was made from stands above it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from desk import relatives
from desk.relatives import Key, Relative
from flow.models import Document
from flow.policy import Viewer

# Deeper branches are not set in further: they would leave the page of a phone.
DEEPEST = 6
# So many rows stand open; the rest unfolds.
OPEN = 40


@dataclass(frozen=True)
class Branch:
    """A row of the tree: a document, how deep it stands, and the next steps there of the person who looks."""

    one: Relative
    depth: int
    steps: list[tuple[Any, str]]


@dataclass(frozen=True)
class Tree:
    """The documents up and down from one; `others` belong to the case and stand on other branches."""

    near: list[Branch]
    others: list[Branch]
    up: int
    down: int

    @property
    def open(self) -> list[Branch]:
        """The rows that stand open."""
        return self.near[:OPEN]

    @property
    def folded(self) -> list[Branch]:
        """The rows that unfold."""
        return [*self.near[OPEN:], *self.others]

    @property
    def all(self) -> list[Relative]:
        """Every document of the tree."""
        return [branch.one for branch in (*self.near, *self.others)]


def tree(document: Document, viewer: Viewer, *, whole: bool) -> Tree:
    """The tree around a document; `whole`: its page tells of the whole case, so nothing stands apart."""
    found = relatives.relatives(document, viewer)
    known = {one.key: one for one in found}
    parent = {
        one.key: next((key for key in one.above if key in known and key != one.key), None) for one in found
    }
    here = (document.label(), document.pk)
    up = _above(here, parent)
    children: dict[Key | None, list[Relative]] = defaultdict(list)
    for one in found:
        children[parent[one.key]].append(one)
    down = {one.key for one, _depth in _walk(children, here, 0)}
    steps = relatives.steps_on([one for one in found if not one.me], viewer)
    rows = [Branch(one, depth, steps.get(one.key, [])) for one, depth in _walk(children, None, 0)]
    near = {here, *up, *down}
    return Tree(
        [row for row in rows if whole or row.one.key in near],
        [row for row in rows if not whole and row.one.key not in near],
        len(up),
        len(down),
    )


def _above(key: Key, parent: dict[Key, Key | None]) -> list[Key]:
    """Everything from which a document was made, one after the other."""
    found: list[Key] = []
    above = parent.get(key)
    while above is not None and above not in found:
        found.append(above)
        above = parent.get(above)
    return found


def _walk(
    children: dict[Key | None, list[Relative]], key: Key | None, depth: int
) -> Iterator[tuple[Relative, int]]:
    """The documents under one (None: under none), each followed by those under it."""
    for one in children.get(key, ()):
        yield one, min(depth, DEEPEST)
        yield from _walk(children, one.key, depth + 1)


def names(rows: Sequence[Relative]) -> dict[Key, tuple[str, str]]:
    """Number and address of each document, for what speaks of it."""
    return {one.key: (one.name, one.path) for one in rows}
