"""The app `deadlines`: timed rules, their runs, periodic duties, the sweep."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class DeadlinesConfig(AppConfig):
    """Enlists the declared rules after each migration."""

    name = "deadlines"
    verbose_name = _("Deadlines")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from deadlines import invariants, registrar  # noqa: F401

        post_migrate.connect(registrar.enlist_after_migrate, sender=self, dispatch_uid="deadlines.rules")
