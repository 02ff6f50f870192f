"""Reads single cells as people write them: labels for choices, 是 for true, 2026/3/5, names for codes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from flow import picking
from flow.forms import ReferenceField

YES = {"true", "yes", "y", "1", "是", "对", "√"}
NO = {"false", "no", "n", "0", "否", "不", "×"}
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?:\s*日)?")
_DENSE_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_GROUPED = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")


class Unfit(ValidationError):
    """A cell that cannot be read, with a hint at what could stand there."""

    def __init__(self, sentence: Any, hint: Any = "") -> None:
        super().__init__(sentence)
        self.hint = hint


def spoken(wanted: forms.Field, text: str) -> Any:
    """The cell as the form field takes it. Raises Unfit with a hint where it means nothing to the field."""
    if isinstance(wanted, forms.MultipleChoiceField):
        return [_choice(wanted, word.strip()) for word in re.split(r"[,，、;；]", text) if word.strip()]
    if isinstance(wanted, forms.ChoiceField):
        return _choice(wanted, text)
    if isinstance(wanted, forms.BooleanField | forms.NullBooleanField):
        return _truth(text)
    if isinstance(wanted, ReferenceField):
        return _reference(wanted, text)
    if isinstance(wanted, forms.DateTimeField | forms.DateField):
        return _date(text)
    if isinstance(wanted, forms.DecimalField | forms.IntegerField | forms.FloatField):
        return _number(text)
    return text


def hint_of(wanted: forms.Field | None) -> Any:
    """What stands in the cells of a column, in words for the template."""
    if isinstance(wanted, forms.ChoiceField):
        return " / ".join(str(label) for value, label in _options(wanted) if value not in ("", None))
    if isinstance(wanted, forms.BooleanField | forms.NullBooleanField):
        return _("yes or no")
    if isinstance(wanted, forms.DateTimeField):
        return _("a moment such as 2026-03-31 09:00")
    if isinstance(wanted, forms.DateField):
        return _("a day such as 2026-03-31")
    if isinstance(wanted, ReferenceField):
        return _("the code, number or name of: {kind}").format(kind=wanted.model._meta.verbose_name)
    if isinstance(wanted, forms.DecimalField | forms.IntegerField | forms.FloatField):
        return _("a number")
    return wanted.help_text if wanted else ""


def near(word: str, words: Iterable[str]) -> list[str]:
    """Up to three of the words that are written like this one."""
    return get_close_matches(word, list(words), n=3, cutoff=0.6)


def _options(wanted: Any) -> list[tuple[Any, Any]]:
    """The choices of a field, groups opened."""
    found: list[tuple[Any, Any]] = []
    for value, label in wanted.choices:
        found += label if isinstance(label, list | tuple) else [(value, label)]
    return found


def _choice(wanted: Any, text: str) -> str:
    pairs = [(str(value), str(label)) for value, label in _options(wanted) if value not in ("", None)]
    plain = text.casefold()
    for value, label in pairs:
        if plain in (value.casefold(), label.casefold()):
            return value
    labels = [label for _value, label in pairs]
    hint = " / ".join(near(text, labels) or labels[:8])
    raise Unfit(_("“{word}” is none of the choices.").format(word=text[:60]), hint)


def _truth(text: str) -> str:
    word = text.casefold()
    if word in YES | NO:
        return "true" if word in YES else "false"
    raise Unfit(_("This must be yes or no."))


def _reference(wanted: ReferenceField, text: str) -> str:
    """The word by which the field knows the row: its code, a name that no other has, or "code name"."""
    rows = wanted.rows()
    if rows.filter(wanted.named(text)).exists():
        return text
    if "name" in {f.name for f in wanted.model._meta.concrete_fields}:
        named = list(rows.filter(name=text)[:2])
        if len(named) == 1:
            return str(wanted.prepare_value(named[0]))
    first, _space, rest = text.partition(" ")
    if rest and (row := rows.filter(wanted.named(first)).first()) and str(row) == text:
        return first
    if rows.filter(wanted.keyed(text)).exists():
        return text
    hint = " / ".join(picking.nearest(wanted, text))
    raise Unfit(
        wanted.error_messages["unknown"], _("Do you mean {words}?").format(words=hint) if hint else ""
    )


def _date(text: str) -> str:
    if match := _DAY.match(text) or _DENSE_DAY.fullmatch(text):
        year, month, day = match.groups()
        return f"{year}-{int(month):02}-{int(day):02}{text[match.end() :]}"
    return text


def _number(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).replace("¥", "").strip()
    return plain.replace(",", "") if _GROUPED.fullmatch(plain) else plain
