"""Lists of documents as their screen declares them: filters, search, order and pages, for every face."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.core import signing
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from flow import cases, json_input, policy, render
from flow.forms import DocumentField, ReferenceField
from flow.models import Document
from flow.policy import Viewer
from flow.refusals import Invalid
from flow.screens import Screen, screen_of

PAGE_SIZE, MAX_PAGE_SIZE = 50, 200
MAX_SEARCH = 100
OWN = ("q", "ordering", "cursor", "page_size")
# Every document belongs to a case: every list can be narrowed to one.
CASE = "case"
_SALT = "flow.listing"


@dataclass(frozen=True)
class Page:
    """Some rows of a list, and the `cursor` of the rows after them (None at the end)."""

    rows: list[Any]
    next: str | None


def find(model: type[Document], word: str, viewer: Viewer, *, bare: bool = False) -> Any:
    """The document with this public id or number, or None when there is none that the person may see.

    `bare`: only with its company and case, to be acted on; else with all that its screen shows.
    """
    if json_input.unspeakable([word]) or not word:
        return None
    try:
        named = Q(public_id=UUID(word))
    except ValueError:
        named = Q(number=word)
    rows = policy.visible_to(model, viewer).select_related("company", "case") if bare else seen(model, viewer)
    return single(rows.filter(named))


def single(rows: QuerySet[Any]) -> Any:
    """The one row that a unique condition leaves, or None; unlike `first` it asks for no order."""
    return next(iter(rows[:1]), None)


def seen(model: type[Document], viewer: Viewer) -> QuerySet[Any]:
    """The documents the person may see, with all rows fetched along that their screen shows."""
    screen = screen_of(model)
    rows = policy.visible_to(model, viewer)
    return render.with_related(rows, screen.fields, (*screen.related, "company", "case", "created_by"))


def matching(screen: Screen, viewer: Viewer, asked: Mapping[str, Any]) -> QuerySet[Any]:
    """The visible documents that fit the filters and the search words in `asked`, in no order yet.

    Raises Invalid for a filter the screen does not declare or a value it cannot have.
    """
    rows = seen(screen.model, viewer)
    trouble: dict[str, Any] = {}
    for name in asked:
        if name in OWN:
            continue
        try:
            if name == CASE:
                rows = rows.filter(case_id__in=_cases(asked[name])) if asked[name] else rows
                continue
            values = [_filter_value(screen, name, word, viewer) for word in _words(asked, name) if word != ""]
        except ValidationError as wrong:
            trouble[name] = wrong.messages
            continue
        if values:
            rows = rows.filter(**{f"{name}__in": values})
    if trouble:
        raise Invalid(trouble)
    return _search(rows, screen, viewer, asked.get("q", ""))


def page(screen: Screen, viewer: Viewer, asked: Mapping[str, Any]) -> Page:
    """One page of the list. `asked`: filters, `q`, `ordering` (a column, "-" before it to turn it round),
    `cursor`, `page_size`. Raises Invalid where one of them is wrong."""
    size = page_size(asked.get("page_size", ""))
    ordering = str(asked.get("ordering", "") or "-")
    path, descending = _order(screen, viewer, ordering)
    rows = _sorted(matching(screen, viewer, asked), path, descending)
    after = _position(asked.get("cursor", ""), ordering)
    if after is not None:
        rows = rows.filter(_beyond(screen.model, path, descending, after))
    found = list(rows[: size + 1])
    more = len(found) > size
    found = found[:size]
    return Page(found, _cursor(found[-1], path, ordering) if more else None)


def every(screen: Screen, viewer: Viewer, asked: Mapping[str, Any]) -> Iterator[Any]:
    """All rows of the list in its order, read in portions (for an export). Raises as `page` does."""
    path, descending = _order(screen, viewer, str(asked.get("ordering", "") or "-"))
    return _sorted(matching(screen, viewer, asked), path, descending).iterator(chunk_size=500)


def _sorted(rows: QuerySet[Any], path: str, descending: bool) -> QuerySet[Any]:
    last = "-pk" if descending else "pk"
    if not path:
        return rows.order_by(last)
    # Only where a value may be missing: no index of PostgreSQL runs down with the empty ones last.
    column, nulls_last = F(path), _may_be_empty(rows.model, path) or None
    key = column.desc(nulls_last=nulls_last) if descending else column.asc(nulls_last=nulls_last)
    return rows.order_by(key, last)


def _may_be_empty(model: type[Any], path: str) -> bool:
    """Whether the column at the end of a lookup path can be NULL, also for want of a row to read it from."""
    steps = path.split("__")
    several = (field_at(model, "__".join(steps[: n + 1])) for n in range(len(steps)))
    return any(field is not None and field.null for field in several)


def orderings(screen: Screen, viewer: Viewer) -> list[str]:
    """The columns by which this person may order the list."""
    names = dict.fromkeys((*screen.columns, "number", "state", "created_at"))
    open_to = render.readable_names(screen.model, tuple(names), viewer)
    return [name for name in open_to if _column(screen.model, name) is not None]


def filters(screen: Screen, viewer: Viewer) -> dict[str, forms.Field]:
    """A form field for each filter of the list open to this person."""
    names = render.readable_names(screen.model, screen.filters, viewer)
    return {name: filter_field(screen.model, name, viewer) for name in names}


def filter_field(model: type[Document], name: str, viewer: Viewer | None) -> forms.Field:
    """The form field that reads one filter value: a choice, a reference, a yes or no, a date, a word."""
    stored = field_at(model, name)
    label = render.heading(model, name)
    if stored is None:
        raise LookupError(f"{model.label()} has no stored field {name} to filter by.")
    if stored.choices:
        return forms.ChoiceField(choices=stored.choices, label=label, required=False)
    if (target := stored.related_model) is not None:
        return _reference(target, label, viewer)
    made = stored.formfield(required=False, label=label)
    made.validators = [*made.validators, *json_input.limits(made)]
    return made


def field_at(model: type[Any], name: str) -> Any:
    """The stored field at the end of a lookup path, or None where the name is only computed."""
    found = None
    for step in name.split("__"):
        try:
            found = model._meta.get_field(step)
        except (FieldDoesNotExist, AttributeError):
            return None
        model = found.related_model
    return found if getattr(found, "concrete", False) else None


def _reference(target: Any, label: str, viewer: Viewer | None) -> ReferenceField:
    if issubclass(target, Document):
        field: ReferenceField = DocumentField(target, label=label, required=False)
    else:
        keys = {f.name for f in target._meta.concrete_fields}
        by = tuple(n for n in ("code", "username", "number") if n in keys)
        field = ReferenceField(target, by=by, label=label, required=False)
    field.narrow(viewer)
    return field


def _filter_value(screen: Screen, name: str, word: Any, viewer: Viewer) -> Any:
    if name not in screen.filters or not render.readable(screen.model, name, viewer):
        raise ValidationError(_("The list has no such filter."))
    if sentence := json_input.unspeakable([word]):
        raise ValidationError(sentence)
    field = filter_field(screen.model, name, viewer)
    if isinstance(field, forms.BooleanField):
        if word not in ("true", "false"):
            raise ValidationError(_("This must be true or false."))
        return word == "true"
    return field.clean(word)


def _cases(word: Any) -> list[int]:
    """The cases meant by the public id of one: itself and those that serve it."""
    try:
        return cases.family(UUID(str(word)))
    except ValueError as wrong:
        raise ValidationError(_("A case is named by its id.")) from wrong


def _search(rows: QuerySet[Any], screen: Screen, viewer: Viewer, words: Any) -> QuerySet[Any]:
    text = str(words).strip()
    if not text:
        return rows
    if json_input.unspeakable([text]) or len(text) > MAX_SEARCH:
        raise Invalid({"q": _("Search for at most {limit} letters.").format(limit=MAX_SEARCH)})
    paths = render.readable_names(screen.model, screen.search, viewer)
    if not paths:
        return rows.none()
    return rows.filter(Q(*[(f"{path}__icontains", text) for path in paths], _connector=Q.OR))


def _order(screen: Screen, viewer: Viewer, ordering: str) -> tuple[str, bool]:
    """The stored column to order by ("": as they were made) and whether it is turned round."""
    name = ordering.removeprefix("-")
    if not name:
        return "", True
    if name not in orderings(screen, viewer):
        raise Invalid({"ordering": _("The list cannot be ordered by this.")})
    return _column(screen.model, name) or "", ordering.startswith("-")


def _column(model: type[Document], name: str) -> str | None:
    """The stored column behind a column of the screen; a reference is ordered by what people call it."""
    stored = field_at(model, name)
    if stored is None:
        return None
    if (target := stored.related_model) is None:
        return None if isinstance(stored, models.JSONField) else name
    keys = {f.name for f in target._meta.concrete_fields}
    best = next((key for key in ("number", "name", "code") if key in keys), "pk")
    return f"{name}__{best}"


def _beyond(model: type[Document], path: str, descending: bool, after: tuple[Any, int]) -> Q:
    """The condition for rows behind a position; empty values come last whichever way the list runs."""
    value, pk = after
    way = "lt" if descending else "gt"
    if not path:
        return Q(**{f"pk__{way}": pk})
    if value is None:
        return Q(**{f"{path}__isnull": True, f"pk__{way}": pk})
    stored = field_at(model, path)
    try:
        value = stored.to_python(value)
    except ValidationError as wrong:
        raise Invalid({"cursor": _("This is not a place in the list.")}) from wrong
    same = Q(**{path: value, f"pk__{way}": pk})
    behind = Q(**{f"{path}__{way}": value}) | same
    return behind | Q(**{f"{path}__isnull": True}) if _may_be_empty(model, path) else behind


def _cursor(row: Any, path: str, ordering: str) -> str:
    found = row
    for step in path.split("__") if path else ():
        found = getattr(found, step) if found is not None else None
    value = json.loads(json.dumps(found if path else None, cls=_Exact))
    return signing.dumps([ordering, value, row.pk], salt=_SALT, compress=True)


class _Exact(DjangoJSONEncoder):
    """Keeps the microseconds, without which a row could be shown twice."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)


def _position(cursor: Any, ordering: str) -> tuple[Any, int] | None:
    if not cursor:
        return None
    try:
        said, value, pk = signing.loads(str(cursor), salt=_SALT)
    except (signing.BadSignature, UnicodeEncodeError, ValueError) as wrong:
        raise Invalid({"cursor": _("This is not a place in the list.")}) from wrong
    if said != ordering:
        raise Invalid({"cursor": _("This place belongs to another order of the list.")})
    return value, pk


def page_size(word: Any) -> int:
    """How many rows a page has; `word` as it was asked for. Raises Invalid beyond 1 to 200."""
    text = str(word)
    if not text:
        return PAGE_SIZE
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 0 < int(text) <= MAX_PAGE_SIZE:
        sentence = _("A page has 1 to {limit} rows.").format(limit=MAX_PAGE_SIZE)
        raise Invalid({"page_size": sentence})
    return int(text)


def _words(asked: Mapping[str, Any], name: str) -> list[str]:
    return [str(w) for w in asked.getlist(name)] if isinstance(asked, QueryDict) else [str(asked[name])]
