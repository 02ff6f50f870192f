"""The app `desk`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    """Registers the app with Django."""

    name = "desk"
    verbose_name = _("Workbench")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Workers load no addresses: what they may be asked to do is declared here.
        from desk import bulk, examining, exports  # noqa: F401
        from desk.imports import work  # noqa: F401
