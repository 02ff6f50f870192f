"""The app `quality`."""

from django.apps import AppConfig


class QualityConfig(AppConfig):
    """Registers the app with Django."""

    name = "quality"
    default_auto_field = "django.db.models.BigAutoField"
