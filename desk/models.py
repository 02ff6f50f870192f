"""What the pages remember of a person: choices that move no document."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Preference(models.Model):
    """A choice of one person under a name (columns of a list, a tour already taken)."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("person"))
    name = models.CharField(_("name"), max_length=80)
    value = models.JSONField(_("value"))

    class Meta:
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        constraints = [models.UniqueConstraint(fields=["person", "name"], name="desk_preference_once")]

    def __str__(self) -> str:
        return f"{self.person}: {self.name}"

    @classmethod
    def of(cls, person: Any, name: str, default: Any = None) -> Any:
        """What the person chose under this name; `default` while nothing was. One query."""
        found = cls.objects.filter(person=person, name=name).values_list("value", flat=True).first()
        return default if found is None else found

    @classmethod
    def keep(cls, person: Any, name: str, value: Any) -> None:
        """Remember the choice in place of the last one."""
        cls.objects.update_or_create(person=person, name=name, defaults={"value": value})
