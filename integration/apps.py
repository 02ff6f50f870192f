"""The app `integration`."""

from django.apps import AppConfig


class IntegrationConfig(AppConfig):
    """Registers the app with Django."""

    name = "integration"
    default_auto_field = "django.db.models.BigAutoField"
