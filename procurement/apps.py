"""The app `procurement`."""

from django.apps import AppConfig


class ProcurementConfig(AppConfig):
    """Registers the app with Django."""

    name = "procurement"
    default_auto_field = "django.db.models.BigAutoField"
