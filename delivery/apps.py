"""The app `delivery`."""

from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    """Registers the app with Django."""

    name = "delivery"
    default_auto_field = "django.db.models.BigAutoField"
