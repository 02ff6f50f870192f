"""The app `review`."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """Registers the app with Django."""

    name = "review"
    default_auto_field = "django.db.models.BigAutoField"
