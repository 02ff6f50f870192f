"""The health page, the banner for silent workers, and the answer while the database is away."""

import sqlite3
from datetime import timedelta
from typing import Any
from unittest.mock import ANY

import psycopg2
import pytest
from django.db import DataError, OperationalError
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils import timezone

from config import health, stand_in
from flow import tick
from flow.models import Heartbeat


def test_health_without_broker_is_degraded_not_dead(db: None, client: Client) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["database"] == "ok"
    assert answer.json()["broker"] == "degraded"
    assert answer.json()["workers"] == "stalled"


def test_health_tells_the_age_of_each_heartbeat(db: None, client: Client) -> None:
    Heartbeat.objects.create(name="worker", beat_at=timezone.now() - timedelta(seconds=30))
    answer = client.get("/healthz").json()
    assert 30 <= answer["heartbeat_age_seconds"]["worker"] < 60
    assert answer["workers"] == "ok"


def test_health_without_database_is_503_with_a_time_to_retry(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_: Any) -> dict[str, timedelta]:
        raise OperationalError("away")

    monkeypatch.setattr(health.heartbeat, "ages", away)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0


def stalled_minutes() -> int | None:
    """What a page would show."""
    return health.background(HttpRequest())["stalled_minutes"]()


@pytest.mark.parametrize(("minutes", "shown"), [(0, None), (1, None), (2, 2), (90, 90)])
def test_banner_shows_after_two_minutes(db: None, minutes: int, shown: int | None) -> None:
    Heartbeat.objects.create(name="worker", beat_at=timezone.now() - timedelta(minutes=minutes, seconds=1))
    assert stalled_minutes() == shown


def test_web_stands_in_for_silent_workers(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks: list[Any] = []
    monkeypatch.setattr(stand_in.tick, "run", lambda *, at: ticks.append(at))
    assert stand_in.look()
    assert len(ticks) == 1
    assert Heartbeat.objects.filter(name="stand-in").exists()


def test_web_leaves_living_workers_alone(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stand_in.tick, "run", lambda *, at: pytest.fail("ticked beside the workers"))
    tick.beat("worker")
    assert not stand_in.look()


def caused_by(inner: Exception) -> OperationalError:
    """An error as Django raises it over the driver's."""
    error = OperationalError(str(inner))
    error.__cause__ = inner
    return error


def sqlite_error(name: str) -> sqlite3.OperationalError:
    """An error of SQLite's driver with its name."""
    error = sqlite3.OperationalError(name)
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (caused_by(psycopg2.OperationalError("server closed the connection")), True),
        (caused_by(sqlite_error("SQLITE_BUSY")), True),
        (caused_by(sqlite_error("SQLITE_BUSY_SNAPSHOT")), True),
        (caused_by(sqlite_error("SQLITE_ERROR")), False),
        (DataError("too long"), False),
        (ValueError("ours"), False),
        (None, False),
    ],
)
def test_only_a_database_that_is_away_or_busy_passes(error: Exception | None, passes: bool) -> None:
    assert health.passes(error) is passes


def answer_to(error: Exception) -> Any:
    """The page shown when a view raises `error`."""
    try:
        raise error
    except Exception:
        return health.trouble(RequestFactory().get("/"))


def test_outage_is_never_a_wrong_success() -> None:
    answer = answer_to(caused_by(psycopg2.OperationalError("gone")))
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert answer_to(ValueError("ours")).status_code == 500


def test_rest_face_says_the_same() -> None:
    answer = health.api_trouble(caused_by(psycopg2.OperationalError("gone")), ANY)
    assert answer is not None
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert answer.data["errors"][0]["code"] == "unavailable"
