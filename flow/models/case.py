"""A case is one order with all its documents; it is what is locked."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from org.models import Company


class Case(models.Model):
    """案卷: everything about one order. Whoever acts on any document of a case locks the case first."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name=_("company"))
    title = models.CharField(_("title"), max_length=200, blank=True)
    opened_at = models.DateTimeField(_("opened at"))

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")

    def __str__(self) -> str:
        return self.title or str(self.public_id)


class CaseLink(models.Model):
    """A document that serves several orders lives in a case of its own; this says which orders it serves."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="serves")
    served = models.ForeignKey(Case, models.PROTECT, related_name="served_by")

    class Meta:
        verbose_name = _("case link")
        verbose_name_plural = _("case links")
        constraints = (
            models.UniqueConstraint(fields=["case", "served"], name="flow_case_link_once"),
            models.CheckConstraint(name="flow_case_link_not_self", condition=~Q(case=F("served"))),
        )

    def __str__(self) -> str:
        return f"{self.case_id} → {self.served_id}"
