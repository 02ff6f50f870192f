"""`/metrics`: the vital signs as Prometheus reads them, for this machine alone or who has the token."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from desk import vitals
from flow import clock
from org import logins

HERE = ("127.0.0.1", "::1")
HOUR = timedelta(hours=1)
# A scrape every few seconds looks at fewer steps than the page.
STEPS = 2_000
TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Headers of a proxy: what comes through one on this machine comes from elsewhere.
FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")


def metrics(request: HttpRequest) -> HttpResponse:
    """Answers in the text format of Prometheus; 403 to strangers, 503 while the database is away."""
    if not _may_read(request):
        return HttpResponse("Not from here, and not without the token.\n", status=403, content_type=TYPE)
    try:
        text = "".join(f"{line}\n" for line in _lines(at=clock.now(), now=timezone.now()))
    except (OperationalError, InterfaceError):
        return HttpResponse("house_up 0\n", status=503, content_type=TYPE)
    return HttpResponse(text, content_type=TYPE, headers={"Cache-Control": "no-store"})


def _may_read(request: HttpRequest) -> bool:
    """With the token, which is compared in constant time; without one set, this machine alone."""
    token = settings.METRICS_TOKEN
    said = request.headers.get("Authorization", "")
    if token:
        return hmac.compare_digest(said.encode(), f"Bearer {token}".encode())
    forwarded = any(name in request.headers for name in FORWARDED)
    return not forwarded and logins.address_of(request) in HERE


def _lines(*, at: datetime, now: datetime) -> Iterator[str]:
    yield from _metric("house_up", "Whether the database answers.", {"": 1})
    beats = {f'name="{name}"': (now - moment).total_seconds() for name, moment in vitals.beats().items()}
    yield from _metric("house_heartbeat_age_seconds", "Since the background last worked.", beats)
    yield from _metric("house_restored_copy", "Whether this is an unconfirmed copy.", {"": vitals.is_copy()})
    clocks = vitals.clocks(at=at)
    counts = {"running": clocks.running, "overdue": clocks.overdue, "parked": clocks.parked}
    yield from _metric("house_clocks", "Open clocks.", _by("state", counts))
    late = vitals.lateness(vitals.steps(limit=STEPS), since=at - HOUR)
    shares = {"0.5": late.median, "0.99": late.p99, "1": late.most}
    yield from _metric("house_escalation_lateness_seconds", "Of the last hour.", _by("quantile", shares))
    taken = {"in time": late.steps, "caught up": late.caught_up}
    yield from _metric("house_escalation_steps", "Taken in the last hour.", _by("how", taken))
    waiting = vitals.waiting(now=now)
    yield from _metric(
        "house_outbox", "Letters.", _by("state", {"waiting": waiting.letters, "dead": waiting.dead})
    )
    jobs = {"queued": waiting.jobs, "running": waiting.running, "failed": waiting.failed}
    yield from _metric("house_jobs", "Jobs; the failed ones of the last day.", _by("state", jobs))
    yield from _safety(now)


def _safety(now: datetime) -> Iterator[str]:
    """What was kept safe: how long ago, and whether it went well."""
    kept = vitals.kept()
    ages = {kind: (now - row.at).total_seconds() for kind, row in kept.items()}
    yield from _metric("house_kept_safe_age_seconds", "Since the last of each kind.", _by("kind", ages))
    fine = {kind: row.succeeded for kind, row in kept.items()}
    yield from _metric("house_kept_safe_succeeded", "Whether the last of each went well.", _by("kind", fine))
    _made, unsealed = vitals.sealed()
    age = (now - unsealed).total_seconds() if unsealed else 0
    yield from _metric("house_unsealed_age_seconds", "Since the oldest event without a seal.", {"": age})
    lost = sum((one.ended_at - one.began_at).total_seconds() for one in vitals.outages(now=now))
    yield from _metric("house_outage_seconds", "Without background work in 30 days.", {"": lost})


def _by(label: str, values: dict[str, Any]) -> dict[str, Any]:
    return {f'{label}="{name}"': value for name, value in values.items()}


def _metric(name: str, says: str, values: dict[str, Any]) -> Iterator[str]:
    yield f"# HELP {name} {says}"
    yield f"# TYPE {name} gauge"
    for labels, value in values.items():
        yield f"{name}{{{labels}}} {float(value):g}" if labels else f"{name} {float(value):g}"
