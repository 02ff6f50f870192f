"""What the pages remember of a person: choices that move no document."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from flow.policy import Viewer
from org.models import Company
from org.roles import Role


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


class SavedView(models.Model):
    """A way to look at a list that somebody named: what narrows it, its order, its columns.

    It shows nothing by itself: whoever opens it sees what he may see of the list. `roles` are those with whom
    it is shared, in `company` alone or, without one, everywhere.
    """

    label = models.CharField(_("list"), max_length=60)
    name = models.CharField(_("name"), max_length=60)
    query = models.TextField(_("filters"), blank=True)
    columns = models.JSONField(_("columns"), default=list)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views", verbose_name=_("owner")
    )
    roles = models.JSONField(_("shared with"), default=list, blank=True)
    company = models.ForeignKey(
        Company, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("company")
    )
    position = models.PositiveIntegerField(_("place among the views"), default=0)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ("position", "pk")
        indexes = (models.Index(fields=["label", "position"], name="desk_view_list"),)
        constraints = (
            models.UniqueConstraint(fields=["owner", "label", "name"], name="desk_view_name_once"),
        )

    def __str__(self) -> str:
        return self.name

    def is_open_to(self, viewer: Viewer) -> bool:
        """Whether the person may look at the list in this way."""
        if self.owner_id == viewer.person.pk:
            return True
        if self.company_id is None:
            return bool(viewer.roles & set(self.roles))
        return viewer.holds(frozenset(self.roles), {self.company_id})

    def is_run_by(self, viewer: Viewer) -> bool:
        """Whether the person may change it or take it away."""
        return self.owner_id == viewer.person.pk or Role.ADMIN in viewer.roles
