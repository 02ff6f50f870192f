"""Finds the lines of a document that an input names by id or by position."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _

from flow.refusals import Invalid

Row = TypeVar("Row")


def named(rows: Sequence[Row], words: Sequence[int]) -> list[Row]:
    """The row meant by each word: all words are ids, or else all are positions; each row at most once.

    Raises Invalid, line by line, for a word that is neither, and for a row named twice.
    """
    by_id: dict[int, Row] = {row.pk: row for row in rows}  # type: ignore[attr-defined]
    by_position: dict[int, Row] = {row.position: row for row in rows}  # type: ignore[attr-defined]
    known = by_id if set(words) <= by_id.keys() else by_position
    wrong: dict[int, dict[str, Any]] = {}
    for index, word in enumerate(words):
        if word not in known:
            wrong[index] = {"line": _("There is no line {line} here.").format(line=word)}
        elif word in words[:index]:
            wrong[index] = {"line": _("Line {line} is named twice.").format(line=word)}
    if wrong:
        raise Invalid(lines=wrong)
    return [known[word] for word in words]
