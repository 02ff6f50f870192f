"""What an action answers when it does not act: refused, denied, invalid, stale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _


class Refused(Exception):
    """The document is not in a state, or not in order, for this; `reasons` are sentences for a clerk."""

    def __init__(self, *reasons: Any) -> None:
        self.reasons = list(reasons)
        super().__init__(" ".join(str(reason) for reason in reasons))


class Stale(Refused):
    """The sender saw an older version of the document (P7)."""

    def __init__(self, document: Any) -> None:
        self.document = document
        super().__init__(
            _("Somebody changed this document meanwhile. Look at it again, then repeat your step.")
        )


class Denied(PermissionDenied):
    """The person may not do this; `roles` are the codes of those who may."""

    def __init__(self, sentence: Any, roles: Iterable[str] = ()) -> None:
        self.roles = list(roles)
        super().__init__(sentence)


class Invalid(Exception):
    """The input is wrong: errors by field name, and for the lines by row index then field name."""

    def __init__(
        self,
        errors: Mapping[str, Any] | None = None,
        *,
        lines: Mapping[int, Mapping[str, Any]] | None = None,
    ) -> None:
        self.errors = {name: _as_list(found) for name, found in (errors or {}).items()}
        self.lines = {
            row: {name: _as_list(found) for name, found in cells.items()}
            for row, cells in (lines or {}).items()
        }
        super().__init__(str({**self.errors, **({"lines": self.lines} if self.lines else {})}))


class Misused(Exception):
    """The caller was already told: an idempotency key was used again with another body (P10)."""


def _as_list(found: Any) -> list[Any]:
    return list(found) if isinstance(found, list | tuple) else [found]
