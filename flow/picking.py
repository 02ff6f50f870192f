"""Finds the entries that may stand in a reference field of an action, for those who fill it in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from flow import policy
from flow.actions import Action
from flow.forms import ReferenceField
from flow.policy import Viewer
from flow.refusals import Denied

SHOWN = 20
LONGEST = 60
# Fewer letters than this could mean anything.
MEANT = 2


def entries(
    verb: str, part: str, name: str, words: str, *, viewer: Viewer, at: datetime
) -> list[dict[str, str]] | None:
    """Up to 20 entries as `value` (to be sent) and `label`, whose code or name contains all the words.

    `part` is `form` or `lines`. None where there is no such field; raises Denied for who may not do the verb
    anywhere.
    """
    action = Action.registry.get(verb)
    if action is None or not action.has_face:
        return None
    form = {"form": action.form, "lines": action.lines}.get(part)
    if viewer.companies(action.may) == set():
        raise Denied(policy.sentence(action), action.may)
    wanted = form(viewer=viewer, at=at).fields.get(name) if form else None
    if not isinstance(wanted, ReferenceField):
        return None
    return offered(wanted, words)


def offered(wanted: ReferenceField, words: str) -> list[dict[str, str]]:
    """The same for a field that is at hand."""
    rows = _fitting(wanted, words.replace("\x00", "").strip()[:LONGEST])
    return [{"value": str(wanted.prepare_value(row)), "label": str(row)} for row in rows]


def _fitting(wanted: ReferenceField, asked: str) -> list[Any]:
    """The entries that contain the words; those whose code begins with them are likelier meant, and first."""
    order = wanted.by[0] if wanted.by else "pk"
    rows = wanted.offered().order_by(order)
    found = list(rows.filter(**{f"{order}__istartswith": asked})[:SHOWN]) if asked and wanted.by else []
    if len(found) < SHOWN:
        others = rows.filter(_like(wanted, asked)).exclude(pk__in=[row.pk for row in found])
        found += others[: SHOWN - len(found)]
    return found


def _like(wanted: ReferenceField, query: str) -> Q:
    present = {f.name for f in wanted.model._meta.concrete_fields}
    names = [n for n in dict.fromkeys((*wanted.by, "name", "spec", "model")) if n.split("__")[0] in present]
    words = [Q(*[(f"{n}__icontains", w) for n in names], _connector=Q.OR) for w in query.split()]
    return Q(*words)


def nearest(wanted: ReferenceField, typed: str) -> list[str]:
    """Up to three entries that somebody may have meant who typed this: by the longest beginning."""
    typed = typed.replace("\x00", "").strip()[:LONGEST]
    if not wanted.by:
        return []
    for length in dict.fromkeys((len(typed), len(typed) * 3 // 4, len(typed) // 2)):
        if length < MEANT:
            break
        rows = wanted.offered().filter(**{f"{wanted.by[0]}__istartswith": typed[:length]})
        if found := list(rows.order_by(wanted.by[0])[:3]):
            return [str(wanted.prepare_value(row)) for row in found]
    return []
