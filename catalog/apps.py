"""The app `catalog`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    """Registers the app and its proofs."""

    name = "catalog"
    verbose_name = _("Master data and stock")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from catalog import invariants  # noqa: F401
