"""Who came in, went out, or was not let in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from org.models.people import Person


class LogIn(models.Model):
    """登录日志: a log-in, log-out or refusal, in real time and kept for good; never a password.

    `name` is the user name that was typed, or how the token of a program begins; a name that nobody has is
    kept by its first letters only, because people type passwords into the wrong field.
    """

    append_only: ClassVar[bool] = True

    class Kind(models.TextChoices):
        IN = "in", _("Logged in")
        OUT = "out", _("Logged out")
        SSO = "sso", _("Logged in by the company's account")
        REFUSED = "refused", _("Log-in refused")
        CODE = "code", _("Second factor refused")
        HELD = "held", _("Log-in closed after many tries")
        TOKEN = "token", _("Token refused")

    kind = models.CharField(_("what happened"), max_length=10, choices=Kind)
    at = models.DateTimeField(_("at"), db_default=Now(), editable=False)
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="logins", verbose_name=_("person")
    )
    name = models.CharField(_("user name"), max_length=150, blank=True)
    address = models.GenericIPAddressField(_("network address"), null=True)
    agent = models.CharField(_("browser"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("log-in")
        verbose_name_plural = _("log-in log")
        indexes = (
            models.Index(fields=["person", "id"], name="org_login_person"),
            models.Index(fields=["address", "id"], name="org_login_address"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.person or self.name}"
