"""The app `deadlines`."""

from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    """Registers the app with Django."""

    name = "deadlines"
    default_auto_field = "django.db.models.BigAutoField"
