"""Who may keep the master data: holders of the post of administrator, whatever flags they carry (P21)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.utils import timezone

from org import queries
from org.models import Person
from org.roles import Role


class PostBackend(BaseBackend):
    """Grants every permission of the admin to administrators; it moves no document and logs nobody in."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether the person administers the house today, in real time."""
        return is_administrator(user_obj)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """The same for a whole section."""
        return is_administrator(user_obj)


def is_administrator(person: Any) -> bool:
    """Whether the person holds the post of administrator; read once for each request's person."""
    if not isinstance(person, Person) or not person.is_active:
        return False
    if not hasattr(person, "_administers"):
        held = queries.posts(person, on=timezone.localdate())
        person._administers = any(post.role == Role.ADMIN for post in held)  # type: ignore[attr-defined]
    return person._administers  # type: ignore[attr-defined]
