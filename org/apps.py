"""The organisation: companies, departments, people, roles and the working calendar."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class OrgConfig(AppConfig):
    """Lowest app of the house; it knows nothing of documents or clocks."""

    name = "org"
    verbose_name = _("Organisation")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from org import calendars, logins, sessions

        post_migrate.connect(calendars.seed_after_migrate, sender=self, dispatch_uid="org.calendar")
        logins.listen()
        sessions.listen()
