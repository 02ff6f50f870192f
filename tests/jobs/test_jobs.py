"""A job is a row: claimed under a lease, taken up again, cancelled, told of; its file is its owner's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError
from django.test import Client

from flow.events import By
from flow.refusals import Refused
from integration import jobs, working
from integration.jobs import Kind
from integration.models import Job, Notice
from integration.outbox import Times
from integration.run import ERRORS, Run
from org.models import Person
from tests.jobs.conftest import Clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def declared() -> Iterator[Callable[[Callable[[Run], Any]], str]]:
    """`declared(work)` makes a kind of job for this test alone."""
    before = dict(Kind.registry)

    def declare(work: Callable[[Run], Any]) -> str:
        name = f"test.{len(Kind.registry)}"
        jobs.kind(name, "Test")(work)
        return name

    yield declare
    Kind.registry.clear()
    Kind.registry.update(before)


def started(name: str, by: By, **params: Any) -> Job:
    return jobs.start(name, by=by, title="A job", params=params)


def again(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def test_a_job_runs_as_its_person_with_progress_and_a_result(declared: Any, by: Any, times: Times) -> None:
    seen: list[Any] = []

    def work(run: Run) -> str:
        seen.append((run.by.actor, run.params))
        run.progress(2, 3)
        run.fail_row(3, "no", what="x")
        run.keep("list.csv", [b"a,", b"b"], mime="text/csv")
        return "done it"

    job = started(declared(work), by("buyer"), of="it")
    assert working.drain(times) == 1
    job = again(job)
    assert seen == [(by("buyer").actor, {"of": "it"})]
    assert (job.state, job.done, job.total, job.refused, job.message) == ("done", 2, 3, 1, "done it")
    assert job.errors == [{"row": 3, "reason": "no", "what": "x"}]
    with default_storage.open(job.stored) as file:
        assert file.read() == b"a,b"
    assert (job.name, job.size) == ("list.csv", 3)


def test_the_time_of_a_job_goes_on_while_it_runs(declared: Any, by: Any, times: Times, clock: Clock) -> None:
    seen: list[Any] = []

    def work(run: Run) -> None:
        seen.append(run.at)
        clock.later(minutes=5)
        seen.append(run.at)

    started(declared(work), by("buyer"))
    working.drain(times)
    assert seen[1] - seen[0] == timedelta(minutes=5)


def test_a_held_job_is_left_alone_until_its_lease_runs_out(
    declared: Any, by: Any, times: Times, clock: Clock
) -> None:
    job = started(declared(lambda run: None), by("buyer"))
    first = working.claim(now=clock())
    assert first is not None
    assert working.claim(now=clock()) is None
    assert working.drain(times) == 0
    clock.later(seconds=61)
    second = working.claim(now=clock())
    assert second is not None
    assert (second.pk, second.tries) == (job.pk, 2)
    assert second.lease != first.lease


def test_who_lost_the_lease_ends_nothing(declared: Any, by: Any, times: Times, clock: Clock) -> None:
    job = started(declared(lambda run: "done"), by("buyer"))
    slow = working.claim(now=clock())
    assert slow is not None
    clock.later(seconds=61)
    quick = working.claim(now=clock())
    assert quick is not None
    working.work(slow, times)
    assert again(job).state == "running"
    working.work(quick, times)
    assert again(job).state == "done"


def test_a_job_is_lost_at_its_next_word(declared: Any, by: Any, times: Times, clock: Clock) -> None:
    reached: list[int] = []

    def work(run: Run) -> None:
        for row in range(3):
            clock.later(seconds=1)
            run.progress(row)
            reached.append(row)
            Job.objects.update(lease=None)

    started(declared(work), by("buyer"))
    working.drain(times)
    assert reached == [0]


def test_five_dead_workers_are_enough(declared: Any, by: Any, times: Times, clock: Clock) -> None:
    job = started(declared(lambda run: None), by("buyer"))
    for _ in range(working.TRIES):
        assert working.claim(now=clock()) is not None
        clock.later(seconds=61)
    assert working.claim(now=clock()) is None
    assert again(job).state == "failed"
    assert "5 times" in again(job).message


def test_a_queued_job_is_cancelled_at_once(declared: Any, by: Any, times: Times, clock: Clock) -> None:
    job = started(declared(lambda run: None), by("buyer"))
    assert jobs.cancel(job, now=clock())
    assert again(job).state == "cancelled"
    assert working.drain(times) == 0
    assert not jobs.cancel(job, now=clock())


def test_a_running_job_is_cancelled_at_its_next_row(
    declared: Any, by: Any, times: Times, clock: Clock
) -> None:
    reached: list[int] = []

    def work(run: Run) -> None:
        for row in range(1, 4):
            clock.later(seconds=1)
            run.progress(row, 3)
            reached.append(row)
            jobs.cancel(run.job, now=clock())

    job = started(declared(work), by("buyer"))
    working.drain(times)
    assert reached == [1]
    assert (again(job).state, again(job).done) == ("cancelled", 2)


@pytest.mark.parametrize("fault", [Refused("Not now."), RuntimeError("secret path")])
def test_a_fault_is_told_in_words(declared: Any, by: Any, times: Times, fault: Exception) -> None:
    def work(run: Run) -> None:
        raise fault

    job = started(declared(work), by("buyer"))
    working.drain(times)
    assert again(job).state == "failed"
    assert ("Not now." in again(job).message) is isinstance(fault, Refused)
    assert "secret" not in again(job).message


def test_a_lost_database_leaves_the_job_to_the_next_worker(
    declared: Any, by: Any, times: Times, clock: Clock
) -> None:
    def work(run: Run) -> str:
        if run.job.tries == 1:
            raise OperationalError("gone")
        return "done after all"

    job = started(declared(work), by("buyer"))
    working.drain(times)
    assert again(job).state == "running"
    clock.later(seconds=61)
    working.drain(times)
    assert again(job).message == "done after all"


def test_nobody_has_more_than_two_at_work(declared: Any, by: Any, clock: Clock) -> None:
    kind = declared(lambda run: None)
    for _ in range(4):
        started(kind, by("buyer"))
    started(kind, by("planner"))
    taken = [working.claim(now=clock()) for _ in range(4)]
    assert [job.person.username if job else None for job in taken] == ["buyer", "buyer", "planner", None]


def test_who_waited_long_is_told_once(declared: Any, by: Any, times: Times, clock: Clock) -> None:
    kind = declared(lambda run: "12 rows")
    started(kind, by("buyer"))
    working.drain(times)
    assert Notice.objects.count() == 0
    job = started(kind, by("buyer"))
    clock.later(seconds=12)
    working.drain(times)
    notice = Notice.objects.get()
    assert (notice.person.username, notice.path) == ("buyer", again(job).path)
    assert "done" in notice.title


def test_only_the_first_errors_are_kept(declared: Any, by: Any, times: Times) -> None:
    def work(run: Run) -> None:
        for row in range(ERRORS + 7):
            run.fail_row(row, "no")

    job = started(declared(work), by("buyer"))
    working.drain(times)
    assert again(job).refused == ERRORS + 7
    assert len(again(job).errors) == ERRORS


def test_files_are_thrown_away_after_their_time_and_the_row_stays(
    declared: Any, by: Any, times: Times, clock: Clock
) -> None:
    job = started(declared(lambda run: run.keep("a.csv", [b"x"], mime="text/csv")), by("buyer"))
    working.drain(times)
    stored = again(job).stored
    clock.later(days=29)
    assert jobs.throw_away(now=clock()) == 0
    clock.later(days=2)
    assert jobs.throw_away(now=clock()) == 1
    assert not default_storage.exists(stored)
    assert again(job).state == "done"


def test_the_tick_takes_what_nobody_took(declared: Any, by: Any, settings: Any) -> None:
    job = started(declared(lambda run: "by the tick"), by("buyer"))
    working.on_tick(by("buyer").at)
    assert again(job).message == "by the tick"


def test_without_a_broker_the_call_is_only_missed(settings: Any, caplog: Any) -> None:
    settings.CELERY_BROKER_URL = "redis+socket:///nowhere/valkey.sock"
    assert jobs.call() is False


# ---- the pages ----


@pytest.fixture
def done(declared: Any, by: Any, times: Times) -> Job:
    """A job of the buyer's, with a file and a row left out."""

    def work(run: Run) -> str:
        run.fail_row(2, "Too late.", what="CG1")
        run.keep("list.csv", [b"secret figures"], mime="text/csv")
        return "1 row"

    job = started(declared(work), by("buyer"))
    working.drain(times)
    return again(job)


def test_the_page_says_what_became_of_it(done: Job, at_desk: Callable[..., Client]) -> None:
    page = at_desk("buyer").get(f"/jobs/{done.public_id}/").content.decode()
    for said in ("1 row", "Too late.", "CG1", "list.csv", f"/jobs/{done.public_id}/result/"):
        assert said in page
    assert "hx-trigger" not in page
    assert "A job" in at_desk("buyer").get("/jobs/").content.decode()


def test_a_running_job_asks_for_itself_again(
    declared: Any, by: Any, clock: Clock, at_desk: Callable[..., Client]
) -> None:
    job = started(declared(lambda run: None), by("buyer"))
    working.claim(now=clock())
    client = at_desk("buyer")
    page = client.get(f"/jobs/{job.public_id}/").content.decode()
    assert 'hx-trigger="every 1s"' in page
    assert '<meta http-equiv="refresh"' in page
    alone = client.get(f"/jobs/{job.public_id}/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in alone
    client.post(f"/jobs/{job.public_id}/cancel/")
    assert again(job).cancel_requested


def test_the_file_is_its_owners_alone(
    done: Job, at_desk: Callable[..., Client], administrator: Person
) -> None:
    address = f"/jobs/{done.public_id}/"
    answer = at_desk("buyer").get(f"{address}result/")
    assert answer.getvalue() == b"secret figures"
    for who in ("planner", "gm"):
        assert at_desk(who).get(address).status_code == 404
        assert at_desk(who).get(f"{address}result/").status_code == 404
        assert at_desk(who).post(f"{address}cancel/").status_code == 404
    admin = at_desk(administrator)
    page = admin.get(address).content.decode()
    assert "1 row" in page
    assert "Too late." not in page
    assert "list.csv" not in page
    assert admin.get(f"{address}result/").status_code == 404
    assert "A job" in admin.get("/jobs/").content.decode()
    assert "A job" not in admin.get("/jobs/?mine=1").content.decode()
