"""How an action writes a document: inserted as a draft, saved only where nobody was in between."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from flow import cases
from flow.events import By
from flow.models import Case, Document
from flow.refusals import Stale
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
    return {f.attname: deepcopy(getattr(document, f.attname)) for f in document._meta.concrete_fields}


def store(document: Any, before: dict[str, Any]) -> None:
    """Save what changed, version + 1. Raises Stale unless state and version are still as read."""
    now = snapshot(document)
    changed = {name: value for name, value in now.items() if value != before[name]}
    changed["version"] = before["version"] + 1
    rows = type(document)._default_manager.filter(
        pk=document.pk, state=before["state"], version=before["version"]
    )
    if rows.update(**changed) != 1:
        raise Stale(document)
    document.version = changed["version"]
