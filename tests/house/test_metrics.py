"""`/metrics` for Prometheus: well-formed, for this machine or who has the token."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from config import heartbeat
from flow import maintenance, tick
from flow.models import MaintenanceRecord
from tests.story import Story

pytestmark = pytest.mark.django_db
LINE = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"\})? -?[0-9.e+-]+')


def test_every_line_is_of_the_format_and_every_metric_is_told_once(client: Client, story: Story) -> None:
    story.effective()
    tick.beat(heartbeat.WORKER)
    maintenance.note(MaintenanceRecord.Kind.BACKUP, succeeded=False)
    answer = client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = answer.content.decode().splitlines()
    told = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(told) == len(set(told)) >= 12
    for line in lines:
        assert line.startswith(("# HELP house_", "# TYPE house_")) or LINE.fullmatch(line), line
    assert "house_up 1" in lines
    assert 'house_clocks{state="running"} 1' in lines
    assert 'house_kept_safe_succeeded{kind="backup"} 0' in lines
    assert any(line.startswith('house_heartbeat_age_seconds{name="worker"} 0') for line in lines)


def test_strangers_and_proxies_are_refused(client: Client) -> None:
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.7").status_code == 403
    assert client.get("/metrics", HTTP_X_FORWARDED_FOR="127.0.0.1").status_code == 403
    assert client.get("/metrics", REMOTE_ADDR="::1").status_code == 200


def test_with_a_token_only_its_bearer_reads(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = "open sesame"
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer open sesam").status_code == 403
    answer = client.get("/metrics", HTTP_AUTHORIZATION="Bearer open sesame", REMOTE_ADDR="10.0.0.7")
    assert answer.status_code == 200
