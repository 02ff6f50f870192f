"""The app `integration`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntegrationConfig(AppConfig):
    """Registers the app with Django."""

    name = "integration"
    verbose_name = _("Notices and interfaces")
    default_auto_field = "django.db.models.BigAutoField"
