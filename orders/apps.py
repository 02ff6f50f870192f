"""The app `orders`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    """Registers the app with Django."""

    name = "orders"
    verbose_name = _("Orders and contracts")
    default_auto_field = "django.db.models.BigAutoField"
