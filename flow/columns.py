"""Columns of lists that no field holds: what the departments tell of many documents at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from flow import policy
from flow.panels import Flag
from flow.policy import Viewer


@dataclass(frozen=True)
class Told:
    """A cell: words, a second line below them, flags. `tone`: near or bad, for the second line."""

    text: Any = ""
    sub: Any = ""
    tone: str = ""
    flags: tuple[Flag, ...] = ()


Read = Callable[[Sequence[Any], Viewer], Mapping[int, Told]]
Total = Callable[[QuerySet[Any], Viewer], Decimal | None]


@dataclass(frozen=True)
class Column:
    """A column that is told: `read(documents, viewer)` gives its cells by key in a constant number of
    queries, and nothing of what the person may not read of a document.

    `roles`: only for holders of one of these; `total(rows, viewer)` adds it up over a whole list, which is
    shown where it opens to the person in all companies that he sees.
    """

    name: str
    title: Any
    read: Read
    number: bool = False
    roles: frozenset[str] | None = None
    total: Total | None = None


_columns: dict[str, dict[str, Column]] = defaultdict(dict)


def column(label: str, name: str, title: Any, **options: Any) -> Callable[[Read], Read]:
    """Offer what the decorated function tells as a column of the lists of a document type ("*": of all)."""

    def register(read: Read) -> Read:
        _columns[label][name] = Column(name, title, read, **options)
        return read

    return register


def columns_of(label: str, viewer: Viewer) -> dict[str, Column]:
    """The told columns of a document type that are open to this person, by name."""
    found = {**_columns[label], **_columns["*"]}
    return {name: one for name, one in found.items() if one.roles is None or viewer.roles & one.roles}


def open_everywhere(model: type[Any], roles: frozenset[str] | None, viewer: Viewer) -> bool:
    """Whether what these roles may read is open to the person in every company whose documents he sees."""
    if roles is None:
        return True
    opened = viewer.companies(frozenset(str(getattr(role, "value", role)) for role in roles))
    seen = viewer.companies(policy.readers(model))
    return opened is None or (seen is not None and seen <= opened)
