"""Who may keep the master data: holders of the post of administrator, whatever flags they carry (P21)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend

from org.queries import is_administrator

__all__ = ["PostBackend", "is_administrator"]


class PostBackend(BaseBackend):
    """Grants every permission of the admin to administrators; it moves no document and logs nobody in."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether the person administers the house today, in real time."""
        return is_administrator(user_obj)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """The same for a whole section."""
        return is_administrator(user_obj)
