"""The app that stands above all others and knows everything."""

from django.apps import AppConfig


class HouseConfig(AppConfig):
    """Registers the commands that serve and look after the whole house."""

    name = "config"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from config.security import checks, cleaning, sessions

        sessions.listen()
        checks.listen()
        cleaning.listen()
