"""The app `warehouse`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WarehouseConfig(AppConfig):
    """Registers the app with Django."""

    name = "warehouse"
    verbose_name = _("Warehouse")
    default_auto_field = "django.db.models.BigAutoField"
