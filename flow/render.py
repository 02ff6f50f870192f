"""Shows documents, as plain data or as words for a page; never what the viewer may not read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from flow import papers
from flow.models import Attachment, Case, Contact, Document
from flow.policy import Viewer, may_read, readers
from flow.screens import Lines, Screen, screen_of
from org.composed import Composed, Place

NOTHING = "—"
FEN = Decimal("0.01")
# How the names of fields end that hold yuan.
MONEY = ("amount", "price", "prepayment")


def readable(model: type[Any], name: str, viewer: Viewer) -> bool:
    """Whether this person may read the field `name` (a lookup path may cross models) of `model`."""
    return all(may_read(step_model, step, viewer) for step_model, step in _steps(model, name))


def readable_names(model: type[Any], names: tuple[str, ...], viewer: Viewer) -> list[str]:
    """Those of `names` that this person may read, in their order."""
    return [name for name in names if readable(model, name, viewer)]


def value(row: Any, name: str, viewer: Viewer) -> Any:
    """The field as JSON takes it: decimals as text, moments in ISO form, another row as a reference.

    None where it is empty or closed to this person.
    """
    return plain(_raw(row, name), viewer) if readable(type(row), name, viewer) else None


def text(row: Any, name: str, viewer: Viewer, *, bare: bool = False) -> str:
    """The field in words for a page, in the language of the reader; a dash where there is nothing to read.

    `bare`: numbers as a spreadsheet reads them, without a sign of currency or commas.
    """
    if not readable(type(row), name, viewer):
        return NOTHING
    head, _sep, tail = name.rpartition("__")
    owner = _raw(row, head) if head else row
    shown = getattr(owner, f"get_{tail}_display", None)
    found = shown() if callable(shown) else _raw(row, name)
    if isinstance(found, Document) and not _may_see(type(found), viewer):
        return NOTHING
    if bare and isinstance(found, Decimal):
        return format(_shortened(found), "f")
    return words(found, name)


def typed(row: Any, name: str, viewer: Viewer) -> Any:
    """The field as a spreadsheet takes it: numbers, dates and moments as such, all else in words.

    None where there is nothing to read.
    """
    said = text(row, name, viewer, bare=True)
    if said == NOTHING:
        return None
    head, _sep, tail = name.rpartition("__")
    owner = _raw(row, head) if head else row
    found = None if hasattr(owner, f"get_{tail}_display") else _raw(row, name)
    is_figure = isinstance(found, Decimal | int | float | date) and not isinstance(found, bool)
    return found if is_figure else said


def heading(model: type[Any], name: str) -> str:
    """The column title of a field."""
    title = name
    for step_model, step in _steps(model, name):
        title = _title(step_model, step)
    return title


def row(document: Any, screen: Screen, viewer: Viewer) -> dict[str, Any]:
    """One row of the list of a document type: its head and the columns open to this person."""
    viewer = viewer.on(document)
    names = readable_names(screen.model, screen.columns, viewer)
    return head(document) | {name: value(document, name, viewer) for name in names if name not in _HEAD}


_HEAD = ("id", "number", "state", "state_label", "version")


def head(document: Any) -> dict[str, Any]:
    """What every document has: public id, number, state and version."""
    return {
        "id": str(document.public_id),
        "number": document.number,
        "state": document.state,
        "state_label": str(document.get_state_display()),
        "version": document.version,
    }


def document(document: Any, viewer: Viewer, at: datetime) -> dict[str, Any]:
    """The whole document as plain data; a constant number of queries, one for each kind of row under it."""
    screen, viewer = screen_of(type(document)), viewer.on(document)
    names = readable_names(screen.model, screen.fields, viewer)
    return head(document) | {
        "label": document.label(),
        "company": plain(document.company, viewer),
        "case": {"id": str(document.case.public_id), "title": document.case.title},
        "created_at": plain(document.created_at, viewer),
        "created_by": plain(document.created_by, viewer),
        "fields": {name: value(document, name, viewer) for name in names if name not in _HEAD},
        "lines": {part.name: lines(document, part, viewer) for part in screen.lines},
        "attachments": [attachment(file) for file in files(document, viewer)],
        "contacts": [contact(entry) for entry in papers.shown_contacts(document)],
    }


def files(document: Document, viewer: Viewer) -> list[Attachment]:
    """The files of a document that this person may open: those of a confidential kind only few. One query."""
    here = viewer.on(document)
    return [file for file in papers.shown_files(document) if may_read(type(document), file.kind, here)]


def lines(document: Any, part: Lines, viewer: Viewer) -> list[dict[str, Any]]:
    """The rows of one table under a document: ids and the columns open to this person. One query."""
    rel = getattr(type(document), part.name).rel
    rows = _lines_of(document._meta.model, part)(of=document.pk)
    for line in rows:
        setattr(line, rel.field.name, document)
    names = readable_names(rel.related_model, part.columns, viewer)
    return [{"id": line.pk} | {name: value(line, name, viewer) for name in names} for line in rows]


@cache
def _lines_of(model: type[Document], part: Lines) -> Composed:
    rel = getattr(model, part.name).rel
    rows = _as_shown(rel.related_model._default_manager.all(), part)
    return Composed(lambda: rows.filter(**{rel.field.name: Place("of", models.BigIntegerField())}))


def line_rows(document: Any, part: Lines) -> models.QuerySet[Any]:
    """The rows of one table under a document with everything its columns show. One query."""
    return _as_shown(getattr(document, part.name).all(), part)


def _as_shown(rows: models.QuerySet[Any], part: Lines) -> models.QuerySet[Any]:
    return with_related(rows if rows.ordered else rows.order_by("pk"), part.columns)


def with_related(
    rows: models.QuerySet[Any], names: tuple[str, ...], further: tuple[str, ...] = ()
) -> models.QuerySet[Any]:
    """The queryset that fetches the rows named by foreign keys in `names` (and `further` paths) along."""
    paths = {*further, *(path for name in names if (path := relation_path(rows.model, name)))}
    return rows.select_related(*sorted(paths)) if paths else rows


def relation_path(model: type[Any], name: str) -> str:
    """The leading part of a lookup path that runs over foreign keys: `order__number` → `order`."""
    taken = []
    for step_model, step in _steps(model, name):
        if not _target(step_model, step):
            break
        taken.append(step)
    return "__".join(taken)


def attachment(file: Attachment) -> dict[str, Any]:
    """A file of a document, without its content."""
    return {
        "id": str(file.public_id),
        "kind": file.kind,
        "name": file.name,
        "mime": file.mime,
        "size": file.size,
        "sha256": file.sha256,
        "at": file.at.isoformat(),
        "by": str(file.by),
    }


def contact(entry: Contact) -> dict[str, Any]:
    """An entry of the contact log."""
    return {
        "id": str(entry.public_id),
        "party": entry.party,
        "channel": entry.channel,
        "channel_label": str(entry.get_channel_display()),
        "content": entry.content,
        "next_step": entry.next_step,
        "at": entry.at.isoformat(),
        "by": str(entry.by),
    }


def plain(found: Any, viewer: Viewer) -> Any:
    """Any value as JSON takes it."""
    if found is None or isinstance(found, bool | int | str):
        return found
    if isinstance(found, models.Model):
        return reference(found, viewer)
    if isinstance(found, datetime):
        return localtime(found).isoformat() if found.tzinfo else found.isoformat()
    if isinstance(found, date):
        return found.isoformat()
    if isinstance(found, dict):
        return {str(key): plain(entry, viewer) for key, entry in found.items()}
    if isinstance(found, list | tuple | set | frozenset | models.QuerySet):
        return [plain(entry, viewer) for entry in found]
    if isinstance(found, Decimal):
        return format(found, "f")
    if isinstance(found, float):
        return found
    return str(found)


def reference(found: models.Model, viewer: Viewer) -> dict[str, Any] | None:
    """Another row by `id`, `number` (of a document; else the code), `label` (of its type) and `text`."""
    if isinstance(found, Document):
        if not _may_see(type(found), viewer):
            return None
        identity, number, label = found.public_id, found.number, found.label()
    else:
        identity = getattr(found, "public_id", found.pk)
        number = getattr(found, "number", None) or getattr(found, "code", None)
        label = found._meta.label_lower
    return {"id": str(identity), "number": number, "label": label, "text": str(found)}


def _may_see(model: type[Document], viewer: Viewer) -> bool:
    return bool(viewer.roles & {str(getattr(role, "value", role)) for role in readers(model)})


def _raw(row: Any, name: str) -> Any:
    """Follow a lookup path from a row to its value; methods are called."""
    found = row
    for step in name.split("__"):
        if found is None:
            return None
        found = getattr(found, step)
        if isinstance(found, models.Manager):
            found = found.all()
        elif callable(found):
            found = found()
    return found


def _steps(model: type[Any], name: str) -> Iterator[tuple[type[Any], str]]:
    """The models a lookup path runs through, each with its step; ends where a step is no foreign key."""
    for step in name.split("__"):
        yield model, step
        target = _target(model, step)
        if target is None:
            return
        model = target


def _target(model: type[Any], step: str) -> type[Any] | None:
    try:
        found = model._meta.get_field(step)
    except FieldDoesNotExist:
        return None
    single = getattr(found, "many_to_one", False) or getattr(found, "one_to_one", False)
    return found.related_model if single else None


def _title(model: type[Any], step: str) -> str:
    try:
        found = model._meta.get_field(step)
        return str(getattr(found, "verbose_name", step.replace("_", " ")))
    except FieldDoesNotExist:
        shown = getattr(model, step, None)
        shown = getattr(shown, "fget", shown)
        return str(getattr(shown, "short_description", step.replace("_", " ")))


def words(found: Any, name: str = "") -> str:
    """A value as a page shows it; `name`, the field it stands in, tells an amount of money."""
    if found is None or found == "":
        return NOTHING
    if isinstance(found, bool):
        return _("yes") if found else _("no")
    if isinstance(found, datetime):
        return f"{localtime(found):%Y-%m-%d %H:%M}" if found.tzinfo else f"{found:%Y-%m-%d %H:%M}"
    if isinstance(found, date):
        return found.isoformat()
    if isinstance(found, Decimal):
        return _yuan(found) if name.endswith(MONEY) else _grouped(_shortened(found))
    if isinstance(found, Promise | UUID | Case):
        return str(found)
    if isinstance(found, list | tuple | set | frozenset | models.QuerySet):
        return "、".join(words(entry, name) for entry in found) or NOTHING
    return str(found)


def _grouped(number: Decimal) -> str:
    """With a comma every three digits, as the factory writes; Django groups nothing in Chinese."""
    return format(number, ",f")


def _yuan(amount: Decimal) -> str:
    """An amount of money: ¥ 46,800.00; a price in parts of a fen keeps them."""
    short = _shortened(amount)
    return f"¥ {_grouped(short if int(short.as_tuple().exponent) < -2 else amount.quantize(FEN))}"


def _shortened(number: Decimal) -> Decimal:
    """The number without zeros behind its decimals: 5.000 → 5, and never 5E+1."""
    short = number.normalize()
    return short if int(short.as_tuple().exponent) <= 0 else short.quantize(Decimal(1))
