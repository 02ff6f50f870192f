"""Those we deal with, the same for every company of the group: customers and dealers, suppliers, carriers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from org.history import Records, Watched


class Party(models.Model):
    """Somebody outside the house, known by a code."""

    code = models.CharField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=200)
    contact = models.CharField(_("contact person"), max_length=100, blank=True)
    phone = models.CharField(_("phone"), max_length=50, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Customer(Party):
    """客户: who orders, sells on or uses our products."""

    class Kind(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        DEALER = "dealer", _("Dealer")
        END_USER = "end_user", _("End user")

    class Grade(models.TextChoices):
        """How much the customer matters; a rule may make every order of a grade an important one (E-45)."""

        A = "A", _("Grade A: key customer")
        B = "B", _("Grade B: regular customer")
        C = "C", _("Grade C: occasional customer")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.CUSTOMER)
    grade = models.CharField(_("grade"), max_length=1, choices=Grade, default=Grade.B)

    objects = Watched.as_manager()
    history = Records()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ("code",)


class Supplier(Party):
    """供应商: who delivers material to us or works for us outside the house."""

    objects = Watched.as_manager()
    history = Records()

    class Meta:
        verbose_name = _("supplier")
        verbose_name_plural = _("suppliers")
        ordering = ("code",)


class Carrier(Party):
    """承运方: who brings our products to the customer."""

    objects = Watched.as_manager()
    history = Records()

    class Meta:
        verbose_name = _("carrier")
        verbose_name_plural = _("carriers")
        ordering = ("code",)
