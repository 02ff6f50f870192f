"""Binds what a face received, a posted page or a JSON body, to the forms of an action."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import QueryDict
from django.utils.translation import gettext as _

from flow import json_input
from flow.actions import Action
from flow.forms import ActionForm
from flow.policy import Viewer
from flow.refusals import Invalid

PREFIX = "lines"
MAX_LINES = 1000
_CELL = re.compile(rf"{PREFIX}-(\d{{1,4}})-(\w+)")


@dataclass
class Bound:
    """The filled-in forms of an action: `ok`, and then either `data` for the action or `errors`.

    `rows[i]` is the index in the input of the i-th line of `data["lines"]` (blank rows are left out).
    """

    form: ActionForm
    line_forms: list[ActionForm] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    takes_lines: bool = False
    misplaced: dict[str, list[str]] = field(default_factory=dict)
    line_trouble: dict[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether every field of every form was understood."""
        return not self.errors

    @property
    def data(self) -> dict[str, Any]:
        """The cleaned keyword arguments for the action, its `lines` a list of cleaned dicts."""
        cleaned = dict(self.form.cleaned_data)
        return cleaned | (
            {"lines": [dict(f.cleaned_data) for f in self.line_forms]} if self.takes_lines else {}
        )

    @property
    def errors(self) -> dict[str, Any]:
        """`{"field": [sentence], "lines": {"0": {"item": [sentence]}}}`; "__all__": of no single field."""
        found: dict[str, Any] = _sentences(self.form)
        for name, said in self.misplaced.items():
            found.setdefault(name, []).extend(said)
        lines = dict(self.line_trouble)
        for index, form in zip(self.rows, self.line_forms, strict=True):
            if cells := _sentences(form):
                lines[str(index)] = {**lines.get(str(index), {}), **cells}
        return found | ({"lines": lines} if lines else {})

    def add(self, invalid: Invalid) -> None:
        """Put the errors an action found beside the fields they speak of."""
        for name, said in invalid.errors.items():
            if name == PREFIX:
                self.line_trouble.setdefault(NON_FIELD_ERRORS, []).extend(str(s) for s in said)
            else:
                _add(self.form, name, said)
        for position, cells in invalid.lines.items():
            for name, said in cells.items():
                if position < len(self.line_forms):
                    _add(self.line_forms[position], name, said)
                else:
                    _add(self.form, NON_FIELD_ERRORS, said)


def bind(
    action: Action,
    *,
    viewer: Viewer,
    document: Any = None,
    at: datetime,
    fields: Mapping[str, Any],
    files: Mapping[str, Any] | None = None,
    lines: Any = None,
    strict: bool = False,
) -> Bound:
    """Fill in the forms of `action`. `fields`: a posted QueryDict or the members of a JSON object.

    `lines`: a list of mappings, or None. `strict` refuses unknown fields and, for JSON, values of the
    wrong JSON type. Nothing in the input raises.
    """
    context = {"viewer": viewer, "document": document, "at": at}
    form, unknown = _fill(action.form, fields, files or {}, context, strict=strict)
    bound = Bound(form, takes_lines=action.lines is not None)
    if strict:
        bound.misplaced = {name: [_("This field is not known here.")] for name in unknown}
    if action.lines is None:
        if lines is not None and strict:
            bound.line_trouble = {NON_FIELD_ERRORS: [_("This step takes no lines.")]}
    else:
        _fill_lines(
            bound, action.lines, lines, context, strict=strict, typed=not isinstance(fields, QueryDict)
        )
    form.full_clean()
    for line_form in bound.line_forms:
        line_form.full_clean()
    return bound


def unbound(
    action: Action,
    *,
    viewer: Viewer,
    document: Any = None,
    at: datetime,
    initial: Mapping[str, Any] | None = None,
    line_initial: list[dict[str, Any]] | None = None,
) -> Bound:
    """The empty forms of `action` to be rendered, one line form for each dict of `line_initial`."""
    context = {"viewer": viewer, "document": document, "at": at}
    made = Bound(action.form(initial=dict(initial or {}), **context), takes_lines=action.lines is not None)
    if action.lines is not None:
        for index, row in enumerate(line_initial or []):
            made.line_forms.append(action.lines(initial=row, prefix=f"{PREFIX}-{index}", **context))
            made.rows.append(index)
    return made


def from_post(
    action: Action, post: QueryDict, files: Mapping[str, Any]
) -> tuple[QueryDict, list[Any] | None]:
    """A posted page as `fields` and `lines` for `bind`: cells are `lines-0-item`, gaps become blank rows."""
    if action.lines is None:
        return post, None
    found: dict[int, dict[str, Any]] = {}
    for source in (post, files):
        for name in source:
            if match := _CELL.fullmatch(name):
                found.setdefault(int(match[1]), {})[match[2]] = source[name]
    return post, [found.get(index, {}) for index in range(max(found, default=-1) + 1)]


def _fill(
    made: type[ActionForm],
    fields: Mapping[str, Any],
    files: Mapping[str, Any],
    context: dict[str, Any],
    *,
    strict: bool,
) -> tuple[ActionForm, list[str]]:
    """The form with its data in it, and the names in the input that it does not know."""
    blank = made(**context)
    unknown = [name for name in (*fields, *files) if name not in blank.fields]
    if isinstance(fields, QueryDict):
        form = made(data=fields, files=files, **context)
        _harden(form, {name: json_input.unspeakable(fields.getlist(name)) for name in form.fields})
        return form, unknown
    data, uploads, trouble = _read(blank.fields, fields, files, typed=strict)
    form = made(data=data, files=uploads, **context)
    _harden(form, trouble)
    return form, unknown


def _fill_lines(
    bound: Bound, made: type[ActionForm], lines: Any, context: dict[str, Any], *, strict: bool, typed: bool
) -> None:
    """Add one line form for each row; blank rows of a page are left out."""
    if lines is None:
        return
    if not isinstance(lines, list) or len(lines) > MAX_LINES:
        sentence = _("The lines must be a list of at most {limit} rows.").format(limit=MAX_LINES)
        bound.line_trouble = {NON_FIELD_ERRORS: [sentence]}
        return
    known = made(**context).fields
    for index, row in enumerate(lines):
        if not isinstance(row, Mapping):
            bound.line_trouble[str(index)] = {NON_FIELD_ERRORS: [_("A row must be an object.")]}
            continue
        if not strict and _is_blank(known, row):
            continue
        if strict and (unknown := [name for name in row if name not in known]):
            bound.line_trouble[str(index)] = {n: [_("This field is not known here.")] for n in unknown}
        prefix = f"{PREFIX}-{index}"
        data, files, trouble = _read(known, row, {}, typed=strict and typed)
        form = made(data=_named(prefix, data), files=_named(prefix, files), prefix=prefix, **context)
        _harden(form, trouble)
        bound.line_forms.append(form)
        bound.rows.append(index)


def _named(prefix: str, cells: dict[str, Any]) -> Any:
    return {f"{prefix}-{name}": value for name, value in cells.items()}


def _read(
    known: Mapping[str, forms.Field], fields: Mapping[str, Any], files: Mapping[str, Any], *, typed: bool
) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
    """The values and the files a form is given, and a sentence for each that is not even of its type."""
    data: dict[str, Any] = {}
    uploads: dict[str, Any] = {name: files[name] for name in files if name in known}
    trouble: dict[str, str] = {}
    for name, wanted in known.items():
        value = fields.get(name)
        if value is None:
            continue
        try:
            if isinstance(wanted, forms.FileField):
                uploads[name] = json_input.upload(value)
            else:
                data[name] = json_input.scalar(wanted, value, typed=typed)
        except ValueError as wrong:
            trouble[name] = str(wrong)
    return data, uploads, trouble


def _harden(form: ActionForm, trouble: Mapping[str, str | None]) -> None:
    """Make the form refuse what no database column could take, before its own rules see it."""
    for name, wanted in form.fields.items():
        wanted.validators = [*wanted.validators, *json_input.limits(wanted)]
        if sentence := trouble.get(name):
            wanted.clean = _refusing(sentence)  # type: ignore[method-assign]


def _refusing(sentence: str) -> Any:
    def clean(value: Any, initial: Any = None) -> Any:
        raise forms.ValidationError(sentence, code="invalid")

    return clean


def _is_blank(known: Mapping[str, forms.Field], row: Mapping[str, Any]) -> bool:
    """Whether nothing was typed into the row: every cell is empty or as the page offered it."""
    return all(value in ("", None) or value == _offered(known.get(name)) for name, value in row.items())


def _offered(wanted: forms.Field | None) -> str | None:
    initial = wanted.initial if wanted else None
    initial = initial() if callable(initial) else initial
    return None if initial is None else str(initial)


def _sentences(form: ActionForm) -> dict[str, list[str]]:
    return {name: [str(s) for s in said] for name, said in form.errors.items()} if form.is_bound else {}


def _add(form: ActionForm, name: str, said: list[Any]) -> None:
    for sentence in _flat(said):
        form.add_error(name if name in form.fields else None, sentence)


def _flat(said: Any) -> Iterator[str]:
    for sentence in said:
        yield str(sentence)
