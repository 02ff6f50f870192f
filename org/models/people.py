"""Group, companies, departments, people and the dated posts they hold (ORG-01, ORG-02)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from org.history import PersonManager, Records, Watched
from org.roles import Role

SYSTEM = "system"


class Company(models.Model):
    """公司: a company of the group; the group itself is the company without a parent (ORG-01)."""

    class Kind(models.TextChoices):
        GROUP = "group", _("Group")
        PRODUCT = "product", _("Product company")
        SALES = "sales", _("Sales company")
        SERVICE = "service", _("Co-operation service company")
        BUSINESS_UNIT = "business_unit", _("Project business unit")

    class Profile(models.TextChoices):
        """Which of the handbook's two order policies a company follows where they differ (E-01, E-64)."""

        T5 = "T5", _("Policy A: contract and order department reviews")
        T7 = "T7", _("Policy B: sales clerk reviews with production and material control")

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent")
    )
    # The letterhead of what is printed for it.
    address = models.CharField(_("address"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=50, blank=True)
    profile = models.CharField(_("order policy"), max_length=2, choices=Profile, default=Profile.T5)
    start_on_signature = models.BooleanField(
        _("start on signature"),
        default=False,
        help_text=_(
            "The production instruction clock starts at the signature instead of the payment (E-07)."
        ),
    )

    objects = Watched.as_manager()
    history = Records()

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """部门: a department with its leader; escalations climb from here (ORG-02)."""

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="departments", verbose_name=_("company")
    )
    code = models.CharField(_("code"), max_length=30)
    name = models.CharField(_("name"), max_length=100)
    alias = models.CharField(_("also called"), max_length=200, blank=True)
    leader = models.ForeignKey(
        "org.Person", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("leader")
    )

    objects = Watched.as_manager()
    history = Records()

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ("company", "code")
        constraints = (models.UniqueConstraint(fields=["company", "code"], name="org_department_code_once"),)

    def __str__(self) -> str:
        return self.name


class Person(AbstractUser):
    """员工: somebody who logs in; posts are memberships, never flags on the person (ORG-02)."""

    name = models.CharField(_("name"), max_length=60, blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="people", verbose_name=_("department")
    )
    direct_leader = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="reports", verbose_name=_("direct leader")
    )

    # Sessions that began before are over: a post changed, the account was closed, or another one began.
    sessions_from = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[PersonManager] = PersonManager()
    history = Records(secret=("password",), ignored=("last_login", "sessions_from"))

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = (
            models.CheckConstraint(
                name="org_person_not_own_leader",
                condition=Q(direct_leader__isnull=True) | ~Q(direct_leader=F("id")),
            ),
        )

    def __str__(self) -> str:
        return self.name or self.username


class Membership(models.Model):
    """任职: who holds which role where, from when to when; read again on every request (P21).

    A membership at the group reaches every company. `stand_in_for` makes it an explicit, dated
    substitution (E-57).
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships", verbose_name=_("person"))
    role = models.CharField(_("role"), max_length=20, choices=Role)
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="memberships", verbose_name=_("company")
    )
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("department"),
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    stand_in_for = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("stands in for")
    )

    objects = Watched.as_manager()
    history = Records()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        indexes = (models.Index(fields=["role", "company"], name="org_membership_role"),)
        constraints = (
            models.CheckConstraint(
                name="org_membership_dates",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(
                name="org_stand_in_has_end",
                condition=Q(stand_in_for__isnull=True) | Q(ends_on__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.person}: {self.get_role_display()} ({self.company})"

    def clean(self) -> None:
        """Refuse a department that belongs to another company."""
        if self.department and self.department.company_id != self.company_id:
            raise ValidationError({"department": _("This department belongs to another company.")})

    @staticmethod
    def in_force(on: date) -> Q:
        """The condition that a membership counts on the day `on`."""
        return Q(starts_on__lte=on) & (Q(ends_on__isnull=True) | Q(ends_on__gte=on))
