"""The app `planning`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlanningConfig(AppConfig):
    """Registers the app with Django."""

    name = "planning"
    verbose_name = _("Planning")
    default_auto_field = "django.db.models.BigAutoField"
