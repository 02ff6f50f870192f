"""The app `aftersales`."""

from django.apps import AppConfig


class AftersalesConfig(AppConfig):
    """Registers the app with Django."""

    name = "aftersales"
    default_auto_field = "django.db.models.BigAutoField"
