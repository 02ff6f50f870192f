"""How an action writes a document: inserted as a draft, saved only where nobody was in between."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from functools import cache, lru_cache
from typing import Any

from django.db.models import BigIntegerField

from flow import cases
from flow.events import By
from flow.models import Case, Document
from flow.refusals import Stale
from org.composed import Composed, ComposedUpdate, Place
from org.models import Company


def draft(
    model: type[Document],
    *,
    by: By,
    company: Company | None = None,
    case: Case | None = None,
    serves: Iterable[int] = (),
    title: str = "",
    **fields: Any,
) -> Any:
    """Insert a new document in its initial state; only a creation's `run` calls it.

    Give the `case` it belongs to (locked), or none to open one of its own that `serves` other cases.
    """
    if case is None:
        assert company is not None, "a document without a case needs its company"
        case = cases.open_case(company=company, at=by.at, title=title, serves=serves)
    else:
        cases.require(case.pk)
    return model._default_manager.create(
        case=case,
        company=company or case.company,
        version=1,
        created_at=by.at,
        created_by=by.actor,
        **fields,
    )


def snapshot(document: Document) -> dict[str, Any]:
    """The stored values of all fields, to find out later what changed."""
    values = {f.attname: getattr(document, f.attname) for f in document._meta.concrete_fields}
    # Only lists and mappings can be changed in their place.
    return {name: deepcopy(v) if isinstance(v, list | dict) else v for name, v in values.items()}


def store(document: Any, before: dict[str, Any]) -> None:
    """Save what changed, version + 1. Raises Stale unless state and version are still as read."""
    now = snapshot(document)
    changed = {name: value for name, value in now.items() if value != before[name]}
    changed["version"] = before["version"] + 1
    asked = {"pk": document.pk, "state_before": before["state"], "version_before": before["version"]}
    if _saving(document._meta.model, tuple(changed))(**asked, **changed) != 1:
        raise Stale(document)
    document.version = changed["version"]
    cases.note_saved(document)


def read_again(model: type[Document], pk: int) -> Any:
    """The document as it stands now, with its company and case. One query. Raises `model.DoesNotExist`."""
    found = _reading(model).one(pk=pk)
    if found is None:
        raise model.DoesNotExist(f"{model.label()} {pk}")
    return found


@cache
def _reading(model: type[Document]) -> Composed:
    rows = model._default_manager.select_related("company", "case")
    return Composed(lambda: rows.filter(pk=Place("pk", BigIntegerField())))


@lru_cache(maxsize=1000)
def _saving(model: type[Document], names: tuple[str, ...]) -> ComposedUpdate:
    """The statement that saves these columns of a document, unless somebody was in between."""
    fields = {f.attname: f for f in model._meta.concrete_fields}
    where = {
        "pk": Place("pk", BigIntegerField()),
        "state": Place("state_before", fields["state"]),
        "version": Place("version_before", fields["version"]),
    }
    changes = {fields[name].name: Place(name, fields[name]) for name in names}
    return ComposedUpdate(lambda: (model._default_manager.filter(**where), changes))
