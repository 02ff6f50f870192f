"""The Celery app: a trigger and a runner of heavy jobs, never a memory."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

from config.lifeline import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("order-cycle")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def tie_pool_process(**kwargs: Any) -> None:
    """Ties each pool process to its worker: a killed worker must not leave a job running unseen."""
    die_with_parent()
