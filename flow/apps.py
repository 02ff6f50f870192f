"""The kernel: cases, documents, actions, events, the API and the admin."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class FlowConfig(AppConfig):
    """Loads every app's declarations once all models are known."""

    name = "flow"
    verbose_name = _("Flow")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from flow import append_only, invariants, prints, seals  # noqa: F401

        autodiscover_modules("actions", "queries", "rules", "handlers", "screens", "prints", "rulebook")
        prints.announce()
        post_migrate.connect(append_only.install, dispatch_uid="flow.append_only")
        connection_created.connect(append_only.see_replacements, dispatch_uid="flow.append_only")
