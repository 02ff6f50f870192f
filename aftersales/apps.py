"""The app `aftersales`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AftersalesConfig(AppConfig):
    """Registers the app with Django."""

    name = "aftersales"
    verbose_name = _("After-sales and invoices")
    default_auto_field = "django.db.models.BigAutoField"
