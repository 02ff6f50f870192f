"""What was changed in master data and settings, told field by field: old, new, by whom, when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import formats
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from org.history import CHANGED, MADE, REMOVED, past_of, records_of

KINDS = {MADE: _("Added"), CHANGED: _("Changed"), REMOVED: _("Removed")}
NOTHING = "—"
# Fields that name a row.
NAMED = ("code", "number", "name", "username", "prefix")
HIDDEN = _("not shown")


@dataclass(frozen=True)
class Field:
    """A field that was changed, in words."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Change:
    """One change: of which row of which kind, and what of it. `key` is the primary key of the row."""

    at: datetime
    kind: str
    model: type[models.Model]
    key: Any
    name: str
    person: str
    fields: tuple[Field, ...]
    reason: str = ""

    @property
    def what(self) -> str:
        """Added, changed or removed, in words."""
        return str(KINDS[self.kind])

    @property
    def subject(self) -> str:
        """The kind of row, in words."""
        return str(capfirst(str(self.model._meta.verbose_name)))


def of(model: type[models.Model], rows: QuerySet[Any]) -> list[Change]:
    """The changes that these rows of the history of `model` tell, in their order.

    The number of queries depends on the fields of the model that refer to others, not on the rows.
    """
    found = list(rows.select_related("history_user"))
    before = _before(model, found)
    names = _Names(model, [*found, *before.values()])
    return [_change(model, row, before.get(row.history_id), names) for row in found]


def of_row(row: models.Model, limit: int) -> list[Change]:
    """The last changes of one row of master data, the newest first."""
    model = type(row)
    key = model._meta.pk.attname
    rows = past_of(model)._default_manager.filter(**{key: row.pk}).order_by("-history_id")
    return of(model, rows[:limit])


def _before(model: type[models.Model], rows: Sequence[Any]) -> dict[int, Any]:
    """For each row of a history the one before it of the same object."""
    past, key = past_of(model), model._meta.pk.attname
    earlier = past._default_manager.filter(
        **{key: OuterRef(key)}, history_id__lt=OuterRef("history_id")
    ).order_by("-history_id")
    ids = [row.history_id for row in rows if row.history_type == CHANGED]
    pairs = past._default_manager.filter(pk__in=ids).annotate(
        before=Subquery(earlier.values("history_id")[:1])
    )
    found = dict(pairs.order_by().values_list("history_id", "before"))
    rows_before = past._default_manager.in_bulk([pk for pk in found.values() if pk])
    return {pk: rows_before[earlier_pk] for pk, earlier_pk in found.items() if earlier_pk in rows_before}


class _Names:
    """The names of everything that some rows of a history refer to, read once for each kind."""

    def __init__(self, model: type[models.Model], rows: Iterable[Any]) -> None:
        wanted: dict[type[models.Model], set[Any]] = defaultdict(set)
        for field in past_of(model).tracked_fields:
            if field.is_relation:
                wanted[field.related_model] |= {getattr(row, field.attname) for row in rows} - {None}
        self.found = {
            kind: {pk: str(row) for pk, row in kind._default_manager.in_bulk(keys).items()}
            for kind, keys in wanted.items()
        }

    def said(self, field: Any, value: Any) -> str:
        """A value of a field in words."""
        if value is None or value == "":
            return NOTHING
        if field.is_relation:
            return self.found[field.related_model].get(value, f"#{value}")
        return str(dict(field.flatchoices).get(value) or words(value))


def words(value: Any) -> str:
    """A plain value as people write it."""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, datetime):
        return f"{localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return str(formats.localize_input(value)) if not isinstance(value, str) else value


def _change(model: type[models.Model], row: Any, before: Any, names: _Names) -> Change:
    fields = [
        Field(label(field), names.said(field, old), names.said(field, new))
        for field in past_of(model).tracked_fields
        if not field.primary_key
        for old, new in [(getattr(before, field.attname, None), getattr(row, field.attname))]
        if (row.history_type == CHANGED and old != new)
    ]
    if row.history_type == CHANGED and before is not None and before.hidden != row.hidden:
        fields += [
            Field(label(model._meta.get_field(name)), str(HIDDEN), str(HIDDEN))
            for name in records_of(model).secret
        ]
    return Change(
        at=row.history_date,
        kind=row.history_type,
        model=model,
        key=getattr(row, model._meta.pk.attname),
        name=name_of(row, names),
        person=str(row.history_user) if row.history_user else row.history_change_reason or NOTHING,
        fields=tuple(fields),
        reason=(row.history_change_reason or "") if row.history_user else "",
    )


def name_of(row: Any, names: _Names) -> str:
    """What the row was called then: by a code of its own, else by what it belongs to and its part in it."""
    meta = row.instance_type._meta
    own = [field for field in meta.concrete_fields if field.name in NAMED and getattr(row, field.name, None)]
    said = [str(getattr(row, field.name)) for field in own]
    if not any(field.unique for field in own):
        belongs = [field for field in past_of(row.instance_type).tracked_fields if field.is_relation]
        above = [names.said(f, value) for f in belongs if (value := getattr(row, f.attname)) is not None]
        said = [*above[: 1 if said else 2], *said]
    return " ".join(said) or f"#{getattr(row, meta.pk.attname)}"


def label(field: Any) -> str:
    """The name of a field at the head of a cell."""
    return str(capfirst(str(field.verbose_name)))
