"""Rows about coming in: tries that are counted, passwords that were set, second factors."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from org.models.people import Person


class Knock(models.Model):
    """Counted tries to come in under one name or from one address; `key` does not tell which it is.

    The count begins at `since`; while `closed_until` lies ahead, nothing is tried at all.
    """

    key = models.CharField(max_length=64, unique=True)
    tries = models.PositiveIntegerField(default=0)
    since = models.DateTimeField()
    closed_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("counted log-in tries")
        verbose_name_plural = _("counted log-in tries")
        indexes = (models.Index(fields=["since"], name="org_knock_since"),)

    def __str__(self) -> str:
        return f"{self.key[:8]}…: {self.tries}"


class PasswordSet(models.Model):
    """A password that somebody had, as its hash, and since when; `own`: the person chose it themselves."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="passwords", verbose_name=_("person"))
    password = models.CharField(max_length=128, editable=False)
    own = models.BooleanField(_("chosen by the person"), default=False)
    at = models.DateTimeField(_("at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("password set")
        verbose_name_plural = _("passwords set")
        indexes = (models.Index(fields=["person", "id"], name="org_password_person"),)

    def __str__(self) -> str:
        return f"{self.person} {self.at:%F}"


class SecondFactor(models.Model):
    """双因素: the secret that a person's telephone makes codes of (TOTP), sealed with the key of the house.

    It counts once a first code confirmed it; `last_step` is the last half minute whose code was taken.
    """

    person = models.OneToOneField(
        Person, models.CASCADE, related_name="second_factor", verbose_name=_("person")
    )
    sealed = models.CharField(max_length=300, editable=False)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    last_step = models.BigIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")

    def __str__(self) -> str:
        return str(self.person)


class RecoveryCode(models.Model):
    """A code on paper that replaces the telephone once; only its digest is kept."""

    person = models.ForeignKey(
        Person, models.CASCADE, related_name="recovery_codes", verbose_name=_("person")
    )
    digest = models.CharField(max_length=64, editable=False)
    used_at = models.DateTimeField(_("used at"), null=True)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        constraints = (models.UniqueConstraint(fields=["person", "digest"], name="org_recovery_code_once"),)

    def __str__(self) -> str:
        return str(self.person)
