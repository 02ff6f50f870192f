"""The app `planning`."""

from django.apps import AppConfig


class PlanningConfig(AppConfig):
    """Registers the app with Django."""

    name = "planning"
    default_auto_field = "django.db.models.BigAutoField"
