"""The app `warehouse`."""

from django.apps import AppConfig


class WarehouseConfig(AppConfig):
    """Registers the app with Django."""

    name = "warehouse"
    default_auto_field = "django.db.models.BigAutoField"
