"""How gunicorn serves the house: threads, one import before the fork, no process that outlives its parent."""

import gc
import os
import signal
from typing import Any

wsgi_app = "config.wsgi:application"
bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
preload_app = True
timeout = 60
graceful_timeout = 10
keepalive = 5
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
accesslog = "-" if os.environ.get("ACCESS_LOG") else None


def on_starting(server: Any) -> None:
    """Refuses a start in earnest that is unsafe, with one sentence for each fault."""
    from django.core.management.base import CommandError
    from django.db import connections

    from config.security.checks import refuse_unsafe_start

    try:
        refuse_unsafe_start(host=os.environ.get("HOST", "127.0.0.1"))
    except CommandError as refusal:
        raise SystemExit(str(refusal)) from None
    finally:
        # No child may inherit the connection.
        connections.close_all()


def when_ready(server: Any) -> None:
    """Takes what is loaded out of the collector's rounds: it stays for good, and its pages stay shared."""
    gc.collect()
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """Ties the worker to its master and lets it stand in for dead background workers."""
    from config import stand_in
    from config.lifeline import die_with_parent

    die_with_parent(signal.SIGKILL)
    stand_in.start()
