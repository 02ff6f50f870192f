"""Jobs, exports and imports by programs."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from integration import jobs
from integration.models import Job
from orders.models import Order
from tests.api.conftest import Caller, calling, clerk
from tests.api.test_hostile import NASTY, assert_told
from tests.jobs.conftest import workbook
from tests.jobs.test_documents import HEAD, RECEIVE, SOON
from tests.story import Story

__all__ = ["calling", "clerk"]
pytestmark = pytest.mark.django_db
JOBS, EXPORTS, IMPORTS = "/api/v1/jobs/", "/api/v1/exports/", "/api/v1/imports/"
ROW = ["A", "C001", "Phone", SOON, "KYN28A-12", 1, None]


def file(*rows: Any) -> dict[str, str]:
    return {"name": "orders.xlsx", "content": base64.b64encode(workbook(*rows)).decode()}


def test_a_list_is_exported_and_fetched(clerk: Caller, story: Story) -> None:
    story.received()
    begun = clerk.post(
        EXPORTS,
        {"label": "orders.order", "format": "csv", "columns": ["number"], "filters": "state=received"},
    )
    assert begun.status_code == 202, begun.content
    job = clerk.get(f"{JOBS}{begun.json()['id']}/").json()
    assert (job["state"], job["message"], job["file"][-4:]) == ("done", "1 rows", ".csv")
    content = clerk.get(f"{JOBS}{job['id']}/result/")
    assert story.order.number in content.getvalue().decode()


def test_a_sheet_is_tried_read_in_and_taken_back(clerk: Caller) -> None:
    kinds = {one["kind"]: one for one in clerk.get(IMPORTS).json()["results"]}
    assert [c["key"] for c in kinds[RECEIVE]["columns"] if c["required"]][:2] == ["customer", "channel"]
    tried = clerk.post(IMPORTS, {"kind": RECEIVE, "file": file(HEAD, ROW)}).json()
    assert tried["figures"] == {"made": 1, "changed": 0, "same": 0, "wrong": 0}
    assert Order.objects.count() == 0
    done = clerk.post(f"{JOBS}{tried['id']}/apply/", {"mode": "whole"})
    assert (done.status_code, done.json()["state"]) == (202, "done")
    assert Order.objects.count() == 1
    assert clerk.post(f"{JOBS}{tried['id']}/apply/", {"mode": "whole"}).status_code == 409
    undone = clerk.post(f"{JOBS}{done.json()['id']}/undo/").json()
    assert undone["refused"] == 1
    assert clerk.post(f"{JOBS}{tried['id']}/apply/", {"mode": "some"}).status_code == 422


def test_a_repeated_request_starts_one_job(clerk: Caller, story: Story) -> None:
    body = {"label": "orders.order"}
    first = clerk.post(EXPORTS, body, Idempotency_Key="once")
    second = clerk.post(EXPORTS, body, Idempotency_Key="once")
    assert second.headers["Idempotency-Replayed"] == "true"
    assert first.json()["id"] == second.json()["id"]
    assert Job.objects.count() == 1
    assert clerk.post(EXPORTS, {**body, "format": "csv"}, Idempotency_Key="once").status_code == 422


def test_jobs_are_listed_paged_and_cancelled(
    clerk: Caller, story: Story, settings: Any, calling: Callable[..., Caller]
) -> None:
    settings.JOBS_APART = True
    for _ in range(3):
        jobs.start("desk.export", by=story.by("sales_clerk"), title="x", params={})
    page = clerk.get(JOBS, {"page_size": "2", "state": "queued"}).json()
    assert len(page["results"]) == 2
    assert len(clerk.get(page["next"]).json()["results"]) == 1
    id = page["results"][0]["id"]
    assert clerk.post(f"{JOBS}{id}/cancel/").json()["state"] == "cancelled"
    assert clerk.post(f"{JOBS}{id}/cancel/").status_code == 409
    other = calling("buyer")
    assert other.get(JOBS).json()["results"] == []
    assert other.get(f"{JOBS}{id}/").status_code == 404
    assert other.post(f"{JOBS}{id}/cancel/").status_code == 404
    assert other.get(f"{JOBS}{id}/result/").status_code == 404
    assert clerk.get(f"{JOBS}nonsense/").status_code == 404


@pytest.mark.parametrize("value", NASTY)
def test_nonsense_is_told_in_words(clerk: Caller, value: Any) -> None:
    for field in ("label", "format", "columns", "filters"):
        assert_told(clerk.post(EXPORTS, {"label": "orders.order", field: value}))
    for field in ("kind", "file"):
        assert_told(clerk.post(IMPORTS, {"kind": RECEIVE, field: value}))
    assert_told(clerk.get(JOBS, {"cursor": str(value).encode("utf-8", "replace")}))
    assert_told(clerk.post(EXPORTS, {"label": "orders.order", "more": value}))
