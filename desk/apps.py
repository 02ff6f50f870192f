"""The app `desk`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    """Registers the app with Django."""

    name = "desk"
    verbose_name = _("Workbench")
    default_auto_field = "django.db.models.BigAutoField"
