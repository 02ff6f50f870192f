"""Turns the pages of a list by key: a page costs as much in the middle as at the beginning, either way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from flow.refusals import Invalid

_SALT = "flow.listing"
CHUNK = 500
FORTH, BACK = "forth", "back"


@dataclass(frozen=True)
class Page:
    """Some rows of a list, and the cursors of the rows after and before them (None where there are none)."""

    rows: list[Any]
    next: str | None
    previous: str | None = None


@dataclass(frozen=True)
class Stretch:
    """A part of a list in one order: `keys` are lookup paths that are never empty (and whether they run
    down), the last of them unique; `read` makes documents of its rows, one of each."""

    rows: QuerySet[Any]
    keys: tuple[tuple[str, bool], ...]
    read: Callable[[list[Any]], Sequence[Any]] = list

    def sorted(self, *, back: bool = False) -> QuerySet[Any]:
        """The rows in their order, or turned round."""
        return self.rows.order_by(*[f"{'-' if down != back else ''}{path}" for path, down in self.keys])

    def place(self, row: Any) -> list[Any]:
        """Where a row stands, as JSON takes it."""
        return [_at(row, path) for path, _down in self.keys]

    def beyond(self, place: Sequence[Any], *, back: bool) -> Q:
        """The condition for rows behind (before) a place. Raises ValidationError where it is none of this."""
        if len(place) != len(self.keys):
            raise ValidationError(_("This is not a place in the list."))
        fields = [_field(self.rows.model, path) for path, _down in self.keys]
        values = [field.to_python(said) for field, said in zip(fields, place, strict=True)]
        found, same = [], Q()
        for (path, down), value in zip(self.keys, values, strict=True):
            found.append(same & Q(**{f"{path}__{_way(down, back)}": value}))
            same &= Q(**{path: value})
        behind = Q(*found, _connector=Q.OR)
        if len(found) == 1:
            return behind
        # Said once more in a form by which an index can be entered in the middle.
        path, down = self.keys[0]
        return Q(**{f"{path}__{_way(down, back)}e": values[0]}) & behind


def _way(down: bool, back: bool) -> str:
    return "lt" if down != back else "gt"


def _at(row: Any, path: str) -> Any:
    found = row
    for step in path.split("__"):
        found = getattr(found, step) if found is not None else None
    return json.loads(json.dumps(found, cls=_Exact))


def _field(model: type[Any], path: str) -> Any:
    *steps, last = path.split("__")
    for step in steps:
        model = model._meta.get_field(step).related_model
    return model._meta.pk if last == "pk" else model._meta.get_field(last)


class _Exact(DjangoJSONEncoder):
    """Keeps the microseconds, without which a row could be shown twice."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)


@dataclass(frozen=True)
class _Place:
    """Where a page begins, as its cursor says it."""

    way: str
    stretch: int
    keys: list[Any]


def turn(stretches: Sequence[Stretch], ordering: str, cursor: Any, size: int) -> Page:
    """The page of a list in this order at the cursor. Raises Invalid for a cursor of another list."""
    place = _read(cursor, ordering, len(stretches))
    back = place is not None and place.way == BACK
    found: list[tuple[list[Any], Any]] = []
    try:
        for number in _from(len(stretches), place, back):
            part = stretches[number]
            rows = part.sorted(back=back)
            if place is not None and place.stretch == number:
                rows = rows.filter(part.beyond(place.keys, back=back))
            these = list(rows[: size + 1 - len(found)])
            found += [
                ([number, part.place(row)], document)
                for row, document in zip(these, part.read(these), strict=True)
            ]
            if len(found) > size:
                break
    except (ValidationError, TypeError, ValueError) as wrong:
        raise Invalid({"cursor": _("This is not a place in the list.")}) from wrong
    return _page(found, size, ordering, place, back)


def _page(
    found: list[tuple[list[Any], Any]], size: int, ordering: str, place: _Place | None, back: bool
) -> Page:
    more, found = len(found) > size, found[:size]
    if back:
        found.reverse()
    rows = [document for _key, document in found if document is not None]
    if not found:
        return Page(rows, None)
    after = found[-1][0] if more or back else None
    before = found[0][0] if (more if back else place is not None) else None
    return Page(rows, _cursor(ordering, FORTH, after), _cursor(ordering, BACK, before))


def _from(count: int, place: _Place | None, back: bool) -> Iterator[int]:
    """The numbers of the stretches from the place on, in reading order."""
    first = place.stretch if place else 0
    return iter(range(first, -1, -1) if back else range(first, count))


def _cursor(ordering: str, way: str, key: list[Any] | None) -> str | None:
    return None if key is None else signing.dumps([ordering, way, *key], salt=_SALT, compress=True)


def _read(cursor: Any, ordering: str, count: int) -> _Place | None:
    if not cursor:
        return None
    try:
        said, way, stretch, keys = signing.loads(str(cursor), salt=_SALT)
    except (signing.BadSignature, UnicodeEncodeError, ValueError) as wrong:
        raise Invalid({"cursor": _("This is not a place in the list.")}) from wrong
    if said != ordering or stretch >= count:
        raise Invalid({"cursor": _("This place belongs to another order of the list.")})
    return _Place(way, stretch, keys)


def all_of(stretches: Sequence[Stretch]) -> Iterator[Any]:
    """All documents of a list in its order, read in portions."""
    for part in stretches:
        rows = part.sorted().iterator(chunk_size=CHUNK)
        while these := list(islice(rows, CHUNK)):
            yield from (document for document in part.read(these) if document is not None)
