"""Master data from sheets: which kinds there are, how a chunk of their rows is written and taken back.

Only an administrator comes here, as in the admin. The number of queries of a chunk does not depend on how
many rows it has; every change leaves its row in the history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import ForeignKey, ProtectedError, Q
from django.utils.translation import gettext_lazy as _

from catalog.models import BomLine, BomVersion

Errors = dict[str, list[str]]
# Left empty, they are found by themselves.
FOUND = {"number", "position"}


@dataclass
class Entry:
    """A row of a sheet on its way into the catalogue: its cells by column, then what became of it.

    `before` and `after` hold what was changed, as text; `instance` is None where `errors` say why.
    """

    number: int
    values: dict[str, Any]
    instance: Any = None
    made: bool = False
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    errors: Errors = field(default_factory=dict)

    def refuse(self, column: str, *reasons: Any) -> None:
        """Say why it cannot be taken."""
        self.errors.setdefault(column, []).extend(str(reason) for reason in reasons)


@dataclass(frozen=True)
class Master:
    """A kind of master data: its columns, and those by which a row is known again.

    `prepare(entries)` completes the values of a chunk before it is looked up.
    """

    name: str
    model: type[models.Model]
    key: tuple[str, ...]
    columns: tuple[str, ...]
    prepare: Callable[[list[Entry]], None] | None = None
    example: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> Any:
        """What rows of it are called."""
        return self.model._meta.verbose_name_plural

    def field_of(self, column: str) -> Any:
        """The stored field of a column; of the version of a bill the item and its number."""
        owner, name = _at(self.model, column)
        return owner._meta.get_field(name)

    def input_of(self, column: str) -> forms.Field | None:
        """The form field that reads a cell of the column; None where it names another row."""
        stored = self.field_of(column)
        made: forms.Field | None = None if isinstance(stored, ForeignKey) else stored.formfield()
        return made

    def named(self, column: str, words: Iterable[str]) -> dict[str, Any]:
        """The rows that the words of a column name by code, else by a name that no other has. One query."""
        target = self.field_of(column).related_model
        wanted = set(words)
        by_name: dict[str, list[Any]] = {}
        found: dict[str, Any] = {}
        for row in target._default_manager.filter(Q(code__in=wanted) | Q(name__in=wanted)):
            found[row.code] = row
            by_name.setdefault(row.name, []).append(row)
        once = {name: rows[0] for name, rows in by_name.items() if len(rows) == 1}
        return {word: row for word in wanted if (row := found.get(word) or once.get(word))}

    def required(self) -> set[str]:
        """The columns without which no new row is made."""
        return {c for c in self.columns if c in self.key or not _may_lack(self.field_of(c))} - FOUND


def write(master: Master, entries: list[Entry], seen: dict[tuple[Any, ...], int]) -> None:
    """Write a chunk in the running transaction: new rows made, known ones changed, each told its fate.

    `seen` remembers over all chunks which key stood in which row.
    """
    if master.prepare:
        master.prepare(entries)
    _refuse_repeated(master, entries, seen)
    known = _known(master, [e for e in entries if not e.errors])
    made: list[Entry] = []
    changed: list[Entry] = []
    for entry in entries:
        if entry.errors:
            continue
        entry.instance = known.get(_key(master, entry.values)) or master.model()
        entry.made = entry.instance.pk is None
        _fill(master, entry)
        if not entry.errors and (entry.made or entry.after):
            (made if entry.made else changed).append(entry)
    _store(master, made, changed)


@dataclass(frozen=True)
class Done:
    """What an entry did once, to be taken back: its fields before and after, as text."""

    pk: int
    made: bool
    before: dict[str, str]
    after: dict[str, str]


def take_back(master: Master, done: Sequence[Done]) -> list[str]:
    """Undo what entries did, in the running transaction: for each a sentence where that cannot be, or "".

    The number of queries does not depend on how many there are, but for those that are in use.
    """
    rows: dict[int, Any] = master.model._default_manager.in_bulk([one.pk for one in done])
    said = {one.pk: _against(rows.get(one.pk), one) for one in done}
    for one in done:
        if not one.made and not said[one.pk]:
            row = rows[one.pk]
            for name, text in one.before.items():
                setattr(row, _stored(row, name), _read(row, name, text))
            row.save()
    leaving = [rows[one.pk] for one in done if one.made and not said[one.pk] and one.pk in rows]
    said |= _delete(master, leaving)
    return [said[one.pk] for one in done]


def _against(row: Any, done: Done) -> str:
    """What speaks against taking it back."""
    if row is None:
        return "" if done.made else str(_("It is no longer there."))
    if isinstance(row, BomLine) and row.version.state == BomVersion.State.ISSUED:
        return str(_("The version was issued meanwhile."))
    if any(getattr(row, _stored(row, name)) != _read(row, name, said) for name, said in done.after.items()):
        return str(_("It was changed again since."))
    return ""


def _delete(master: Master, rows: list[Any]) -> dict[int, str]:
    """Delete the rows at once; where one is in use, in halves until it stands alone. What stays, and why."""
    if not rows:
        return {}
    versions = {row.version_id for row in rows if isinstance(row, BomLine)}
    try:
        with transaction.atomic():
            master.model._default_manager.filter(pk__in=[row.pk for row in rows]).delete()
            BomVersion.objects.filter(pk__in=versions, lines__isnull=True).delete()
    except ProtectedError as used:
        if len(rows) == 1:
            kinds = dict.fromkeys(str(one._meta.verbose_name) for one in used.protected_objects)
            return {rows[0].pk: str(_("It is in use already: {kinds}.").format(kinds="、".join(kinds)))}
        middle = len(rows) // 2
        return _delete(master, rows[:middle]) | _delete(master, rows[middle:])
    return {}


def _refuse_repeated(master: Master, entries: list[Entry], seen: dict[tuple[Any, ...], int]) -> None:
    for entry in entries:
        key = _key(master, entry.values)
        if entry.errors or None in key:
            continue
        if (first := seen.setdefault(key, entry.number)) != entry.number:
            entry.refuse(master.key[0], _("The same entry stands in row {number}.").format(number=first))


def _known(master: Master, entries: Sequence[Entry]) -> dict[tuple[Any, ...], Any]:
    """The rows that are there already, by their key. One query."""
    if not entries:
        return {}
    wanted = {name: {_value(e.values.get(name)) for e in entries} for name in master.key}
    rows = master.model._default_manager.filter(**{f"{name}__in": found for name, found in wanted.items()})
    return {tuple(_value(getattr(row, _stored(row, name))) for name in master.key): row for row in rows}


def _key(master: Master, values: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(_value(values.get(name)) for name in master.key)


def _value(found: Any) -> Any:
    return found.pk if isinstance(found, models.Model) else found


def _stored(row: Any, name: str) -> str:
    found: str = row._meta.get_field(name).attname
    return found


def _fill(master: Master, entry: Entry) -> None:
    """Put the cells into the instance, note what they change, and have each field judge its own."""
    row = entry.instance
    own = [name for name in entry.values if name in {f.name for f in row._meta.concrete_fields}]
    for name in own:
        old, said = getattr(row, _stored(row, name)), _text(row, name)
        setattr(row, name, entry.values[name])
        if entry.made or getattr(row, _stored(row, name)) != old:
            entry.after[name] = _text(row, name)
            entry.before[name] = "" if entry.made else said
    for name in master.required() if entry.made else ():
        if entry.values.get(name) in (None, "") and name not in entry.errors:
            entry.refuse(name, _("This is needed for a new entry."))
    references = [f.name for f in row._meta.fields if isinstance(f, ForeignKey)]
    try:
        row.clean_fields(exclude=[*references, *entry.errors])
    except ValidationError as wrong:
        for name, reasons in wrong.message_dict.items():
            entry.refuse(name, *reasons)


def _store(master: Master, made: list[Entry], changed: list[Entry]) -> None:
    """All at once; where the database refuses one of them, one by one, to find it."""
    names = sorted({name for entry in changed for name in entry.after})
    try:
        with transaction.atomic():
            master.model._default_manager.bulk_create([e.instance for e in made], batch_size=500)
            if changed:
                rows = [e.instance for e in changed]
                master.model._default_manager.bulk_update(rows, names, batch_size=500)
    except IntegrityError:
        for entry in made:
            entry.instance.pk = None
            entry.instance._state.adding = True
        for entry in (*made, *changed):
            _store_alone(entry)


def _store_alone(entry: Entry) -> None:
    try:
        entry.instance.full_clean()
        with transaction.atomic():
            entry.instance.save()
    except ValidationError as wrong:
        for name, said in wrong.message_dict.items():
            entry.refuse(name, *said)
    except IntegrityError:
        entry.refuse(NON_FIELD_ERRORS, _("It does not go together with what is there already."))
    if entry.errors:
        entry.instance = None


def _text(row: Any, name: str) -> str:
    """A field as text that can be read back."""
    stored = row._meta.get_field(name)
    found = getattr(row, stored.attname)
    return "" if found is None else str(stored.value_to_string(row))


def _read(row: Any, name: str, said: str) -> Any:
    """The value of a field from its text."""
    stored = row._meta.get_field(name)
    return None if said == "" and stored.null else stored.to_python(said)


def _may_lack(stored: Any) -> bool:
    return bool(stored.null or stored.blank or stored.has_default())


def _at(model: type[models.Model], column: str) -> tuple[type[models.Model], str]:
    if model is BomLine and column in ("item", "number"):
        return BomVersion, column
    return model, column
