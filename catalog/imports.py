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

from catalog.models import (
    BomLine,
    BomVersion,
    Carrier,
    Customer,
    Item,
    PriceList,
    PriceListLine,
    Supplier,
    SupplierItem,
    Unit,
)

Errors = dict[str, list[str]]


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
        return {c for c in self.columns if c in self.key or not _may_lack(self.field_of(c))} - _OPTIONAL


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


def take_back(master: Master, pk: int, *, made: bool, before: dict[str, str], after: dict[str, str]) -> str:
    """Undo what an entry did, in the running transaction; a sentence where that is not possible any more."""
    row: Any = master.model._default_manager.filter(pk=pk).first()
    if row is None:
        return "" if made else str(_("It is no longer there."))
    if isinstance(row, BomLine) and row.version.state == BomVersion.State.ISSUED:
        return str(_("The version was issued meanwhile."))
    if any(getattr(row, _stored(row, name)) != _read(row, name, said) for name, said in after.items()):
        return str(_("It was changed again since."))
    if made:
        return _delete(row)
    for name, said in before.items():
        setattr(row, _stored(row, name), _read(row, name, said))
    row.save()
    return ""


def _refuse_repeated(master: Master, entries: list[Entry], seen: dict[tuple[Any, ...], int]) -> None:
    for entry in entries:
        key = _key(master, entry.values)
        if entry.errors or None in key:
            continue
        if (first := seen.setdefault(key, entry.number)) != entry.number:
            entry.refuse(master.key[0], _("The same entry stands in row {number}.").format(number=first))


def _delete(row: Any) -> str:
    try:
        with transaction.atomic():
            row.delete()
            if isinstance(row, BomLine) and not row.version.lines.exists():
                row.version.delete()
    except ProtectedError as used:
        kinds = dict.fromkeys(str(one._meta.verbose_name) for one in used.protected_objects)
        return str(_("It is in use already: {kinds}.").format(kinds="、".join(kinds)))
    return ""


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


def _bills(entries: list[Entry]) -> None:
    """Find or make the version of each bill; without a number it is the open one, else a new one."""
    items = {e.values["item"].pk: e.values["item"] for e in entries if not e.errors and e.values.get("item")}
    found: dict[int, dict[int, BomVersion]] = {pk: {} for pk in items}
    for known in BomVersion.objects.filter(item__in=items).order_by("number"):
        found[known.item_id][known.number] = known
    lines = BomLine.objects.filter(version__item__in=items, version__state="draft").order_by("position")
    last = dict(lines.values_list("version_id", "position"))
    for entry in entries:
        if not entry.errors and entry.values.get("item"):
            version = _bill(entry, found[entry.values["item"].pk])
            if version:
                entry.values["version"] = version
                _place(entry, last)


def _bill(entry: Entry, versions: dict[int, BomVersion]) -> BomVersion | None:
    """The version an entry belongs to, a draft; None where the entry was refused."""
    item, number = entry.values["item"], entry.values.get("number")
    drafts = [v for v in versions.values() if v.state == BomVersion.State.DRAFT]
    if number is None:
        number = drafts[-1].number if drafts else max(versions, default=0) + 1
    version = versions.get(number)
    if version is None:
        version = versions[number] = BomVersion.objects.create(item=item, number=number)
    if version.state != BomVersion.State.DRAFT:
        entry.refuse(
            "number", _("This version is not a draft any more; leave the number empty for a new one.")
        )
        return None
    if entry.values.get("component") == item:
        entry.refuse("component", _("An item is no part of itself."))
    return version


def _place(entry: Entry, last: dict[int, int]) -> None:
    """Number a line that says no position after those before it."""
    version = entry.values["version"]
    position = entry.values.get("position")
    if position is None:
        position = entry.values["position"] = last.get(version.pk, 0) + 10
    last[version.pk] = max(last.get(version.pk, 0), position)


# Left empty, they are found by themselves.
_OPTIONAL = {"number", "position"}
_PARTY = ("contact", "phone", "email", "address", "is_active")
_TERMS = ("lead_time_days", "min_lot", "lot_multiple")
MASTERS = {
    master.name: master
    for master in (
        Master(
            "catalog.item",
            Item,
            ("code",),
            ("code", "name", "spec", "unit", "family", "make_or_buy", "material_class", "is_special",
             "is_serialised", "lot_tracked", *_TERMS, "safety_stock", "standard_price", "is_active"),
            example={"code": "VS1-12/630", "name": "真空断路器", "spec": "12kV 630A", "lead_time_days": "10"},
        ),
        Master(
            "catalog.customer",
            Customer,
            ("code",),
            ("code", "name", "kind", "grade", *_PARTY),
            example={"code": "C1001", "name": "华东电力公司", "contact": "王工", "phone": "021-1000"},
        ),
        Master(
            "catalog.supplier",
            Supplier,
            ("code",),
            ("code", "name", *_PARTY),
            example={"code": "S1001", "name": "长江铜业", "contact": "李工", "phone": "0510-1000"},
        ),
        Master(
            "catalog.carrier",
            Carrier,
            ("code",),
            ("code", "name", *_PARTY),
            example={"code": "T1001", "name": "顺达物流"},
        ),
        Master("catalog.unit", Unit, ("code",), ("code", "name"), example={"code": "pcs", "name": "台"}),
        Master(
            "catalog.supplieritem",
            SupplierItem,
            ("item", "supplier"),
            ("item", "supplier", "supplier_code", *_TERMS, "price", "currency", "is_preferred"),
        ),
        Master(
            "catalog.pricelist",
            PriceList,
            ("code",),
            ("code", "name", "company", "grade", "currency", "is_active"),
            example={"code": "STD", "name": "公司报价表"},
        ),
        Master(
            "catalog.pricelistline",
            PriceListLine,
            ("price_list", "item", "valid_from"),
            ("price_list", "item", "price", "valid_from", "valid_to"),
        ),
        Master(
            "catalog.bomline",
            BomLine,
            ("version", "position"),
            ("item", "number", "position", "component", "quantity", "scrap",
             "valid_from", "valid_to", "note"),
            prepare=_bills,
        ),
    )
}  # fmt: skip
