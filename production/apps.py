"""The app `production`."""

from django.apps import AppConfig


class ProductionConfig(AppConfig):
    """Registers the app with Django."""

    name = "production"
    default_auto_field = "django.db.models.BigAutoField"
