"""The house around the apps: settings, addresses, processes, commands."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
