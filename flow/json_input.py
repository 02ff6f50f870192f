"""Reads single values of a request: of the right JSON type, and such that a database column can take them."""

from __future__ import annotations

import base64
import binascii
import math
import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from flow.forms import ReferenceField
from flow.uploads import LIMIT

WIDEST_INTEGER = 2**31 - 1
WIDEST_DECIMAL = Decimal(10) ** 15
FINEST_DECIMAL = -9
YEARS = range(1900, 2200)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def scalar(wanted: forms.Field, value: Any, *, typed: bool) -> Any:
    """The value as the form field takes it. Raises ValueError with a sentence when it is of another type.

    `typed`: the value comes from JSON, where a number is not a text and a text is not a number.
    """
    if isinstance(wanted, forms.MultipleChoiceField):
        if not isinstance(value, list) or any(isinstance(v, list | dict | bool) for v in value):
            raise ValueError(_("This must be a list of values."))
        return [_speakable(str(v)) for v in value]
    if isinstance(value, list | dict):
        raise ValueError(_("This must be a single value."))
    if isinstance(wanted, forms.BooleanField | forms.NullBooleanField):
        return _truth(value) if typed else value
    if isinstance(value, bool):
        raise ValueError(_("This must not be true or false."))
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(_("This is not a number."))
        value = Decimal(repr(value))
    text = _speakable(str(value))
    if typed:
        _check_type(wanted, value, text)
    return text


def upload(value: Any) -> UploadedFile:
    """A file of a request: uploaded, or as {"name", "content": base64}. Raises ValueError with a sentence."""
    if isinstance(value, UploadedFile):
        return value
    if not isinstance(value, dict) or set(value) != {"name", "content"}:
        raise ValueError(_("A file is an object with “name” and “content” (base64)."))
    name, content = value["name"], value["content"]
    if not isinstance(name, str) or not isinstance(content, str):
        raise ValueError(_("A file is an object with “name” and “content” (base64)."))
    if not name.strip(" .") or len(name) > 200 or re.search(r"[/\\]", name) or _invisible(name):
        raise ValueError(_("This is not a file name."))
    _speakable(name)
    if len(content) > LIMIT * 4 // 3 + 4:
        raise ValueError(_("The file is larger than 20 MB."))
    try:
        return SimpleUploadedFile(name, base64.b64decode(content, validate=True))
    except (binascii.Error, ValueError) as wrong:
        raise ValueError(_("The content is not base64.")) from wrong


def _invisible(name: str) -> bool:
    """Whether a name holds what is not seen, such as a mark that turns “fdp.exe” round to look like a PDF."""
    return any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") for letter in name)


def unspeakable(values: Iterable[Any]) -> str | None:
    """A sentence when one of the posted texts holds characters that no text holds."""
    try:
        for value in values:
            _speakable(str(value))
    except ValueError as wrong:
        return str(wrong)
    return None


def harmless(text: str) -> str:
    """The text with everything replaced that is not text."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "?")


def limits(wanted: forms.Field) -> list[Callable[[Any], None]]:
    """Validators that keep the value within what both databases can store."""
    if isinstance(wanted, forms.DateField | forms.DateTimeField):
        return [_plausible_year]
    if isinstance(wanted, forms.DecimalField | forms.IntegerField | forms.FloatField):
        return [_storable_number]
    return []


def _check_type(wanted: forms.Field, value: Any, text: str) -> None:
    """Raise ValueError when JSON brought another type than the API's schema says."""
    if isinstance(wanted, forms.DecimalField | forms.FloatField):
        return
    if isinstance(wanted, forms.IntegerField):
        if isinstance(value, str) or value != int(value):
            raise ValueError(_("This must be a whole number."))
    elif isinstance(wanted, ReferenceField | forms.TypedChoiceField):
        return
    elif not isinstance(value, str):
        raise ValueError(_("This must be a text."))
    elif isinstance(wanted, forms.DateTimeField):
        _check_moment(text)
    elif isinstance(wanted, forms.DateField) and not _DATE.fullmatch(text):
        raise ValueError(_("A date is written 2026-03-31."))


def _check_moment(text: str) -> None:
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if text and found is None:
        raise ValueError(_("A moment is written 2026-03-31T09:00:00+08:00."))


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError(_("This must be true or false."))


def _speakable(text: str) -> str:
    """The text, or ValueError for a NUL or half a character, which neither database takes."""
    if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise ValueError(_("This holds characters that are not text."))
    return text


def _plausible_year(value: date | datetime) -> None:
    if value is not None and value.year not in YEARS:
        raise ValidationError(_("This date lies outside the years 1900 to 2199."), code="year")


def _storable_number(value: Any) -> None:
    if value is None:
        return
    widest = WIDEST_INTEGER if isinstance(value, int) else WIDEST_DECIMAL
    if abs(value) > widest:
        raise ValidationError(_("This number is too large."), code="large")
    if isinstance(value, Decimal) and int(value.as_tuple().exponent) < FINEST_DECIMAL:
        raise ValidationError(_("This number has too many decimals."), code="fine")
