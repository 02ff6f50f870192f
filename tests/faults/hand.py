"""The test's hand in the house: one request a line on standard input, one answer a line on standard output.

A process of its own, because the tests themselves are bound to another database; nobody kills it.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import django

# Answers alone go to standard output; whatever else this process says goes to the house's log.
ANSWERS, sys.stdout = sys.stdout, sys.stderr
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from deadlines import sweep  # noqa: E402
from deadlines.models import Escalation  # noqa: E402
from flow import clock  # noqa: E402
from flow.models import Event, Heartbeat  # noqa: E402
from integration import dispatch, outbox, tokens  # noqa: E402
from integration.models import Outbox, Subscription  # noqa: E402
from org.models import Person  # noqa: E402
from tests.faults import audit, prepare  # noqa: E402

JOBS: dict[str, Callable[..., Any]] = {}


def job(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let the test ask for the decorated function by its name."""
    JOBS[function.__name__] = function
    return function


@job
def build(*, at: str) -> None:
    """Make the tables, the companies, the people and the goods as of `at`."""
    call_command("migrate", interactive=False, verbosity=0)
    prepare.house(at=datetime.fromisoformat(at))


@job
def effective(*, moments: list[str], issued: dict[str, str] | None = None) -> list[int]:
    """Orders that took effect at these moments, by the house's own actions; their ids.

    `issued`: number in the list → when its production instruction was issued.
    """
    return [
        prepare.effective(
            at=datetime.fromisoformat(at),
            issued_at=datetime.fromisoformat(said) if (said := (issued or {}).get(str(n))) else None,
        )
        for n, at in enumerate(moments)
    ]


@job
def token(*, username: str) -> str:
    """A service token of this person."""
    return tokens.issue(Person.objects.get(username=username), purpose="faults")[1]


@job
def session(*, username: str) -> str:
    """The session of this person, logged in."""
    client = Client()
    client.force_login(Person.objects.get(username=username), settings.AUTHENTICATION_BACKENDS[0])
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@job
def subscribe(*, url: str, verbs: list[str]) -> None:
    """Have these events posted to an address."""
    Subscription.objects.create(name="faults", url=url, secret="faults", verbs=verbs)


@job
def set_clock(*, at: str) -> str:
    """Move the training clock ahead to `at`; the time of the house then."""
    return clock.set_to(datetime.fromisoformat(at)).isoformat()


@job
def advance(*, seconds: float) -> str:
    """Move the training clock ahead by so much; the time of the house then."""
    return clock.advance(timedelta(seconds=seconds)).isoformat()


@job
def broker() -> str:
    """The address of the house's broker."""
    return str(settings.CELERY_BROKER_URL)


@job
def silenced(*, minutes: int) -> None:
    """Let the last sign of life of the workers be so old."""
    Heartbeat.objects.filter(name="worker").update(beat_at=timezone.now() - timedelta(minutes=minutes))


@job
def left() -> int:
    """How many deadlines have a step that is due now and was not taken."""
    return sweep.due(clock.now()).count()


@job
def standing() -> dict[str, int]:
    """How much there is of what the test looks at."""
    return {
        "events": Event.objects.count(),
        "escalations": Escalation.objects.count(),
        "outbox waiting": Outbox.objects.filter(state=Outbox.State.WAITING).count(),
    }


def in_hours(hours: int) -> datetime:
    """Real time, so many hours from now."""
    return timezone.now() + timedelta(hours=hours)


@job
def drain() -> dict[str, int]:
    """Send all that waits in the outbox, as if so much time had passed that no lease and no wait counts."""
    for hours in range(1, 10):
        dispatch.dispatch(outbox.Times(clock.now(), partial(in_hours, hours)))
    return {str(state): Outbox.objects.filter(state=state).count() for state in Outbox.State}


@job
def webhooks() -> dict[int, str]:
    """Every event that a subscriber is owed, with the key under which it is sent."""
    return audit.webhooks()


@job
def heard() -> dict[str, list[str]]:
    """Every notice about a deadline, by "order id/step", as "person at moment"."""
    return audit.heard()


@job
def steps(*, order: int) -> list[list[Any]]:
    """The steps taken for the instruction of an order: kind, moment, late."""
    return audit.steps(order)


@job
def audited(*, journal: list[dict[str, Any]], prepared: list[int], at: str) -> dict[str, Any]:
    """What is wrong with the database against what the clients were told and was due at `at`; and figures."""
    return audit.run(journal, prepared, datetime.fromisoformat(at))


def main() -> None:
    """Answer until the test closes the pipe."""
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            said: dict[str, Any] = {"answer": JOBS[asked["do"]](**asked["with"])}
        except Exception:
            said = {"trouble": traceback.format_exc()}
        finally:
            # Held open, it would hold the database against the test's tidying up.
            connection.close()
        ANSWERS.write(json.dumps(said) + "\n")
        ANSWERS.flush()


if __name__ == "__main__":
    main()
