"""How imports run: cancelled between rows, too long for all or nothing, by CSV; how a lease is kept alive."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import Customer, Item
from desk import exported
from desk.imports import masters, work
from flow.policy import Viewer
from flow.screens import screen_of
from integration import jobs, working
from integration.models import Job, JobEffect, Notice
from integration.outbox import Times
from integration.run import Run
from orders.models import Order
from org.models import Person
from tests.goods import Factory
from tests.jobs.conftest import sent
from tests.jobs.test_masters import GOOD, HEAD, apply, hand_in
from tests.people import NINE
from tests.story import Story


@pytest.fixture
def admin(administrator: Person) -> Client:
    """The administrator's browser."""
    client = Client()
    client.force_login(administrator)
    return client


def items(count: int) -> list[list[Any]]:
    return [[f"N-{n}", "x", "pcs", "Bought", 1, "no"] for n in range(count)]


@pytest.mark.django_db
def test_a_cancelled_import_keeps_what_it_did_and_can_be_taken_back(
    admin: Client, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(masters.MasterTarget, "chunk", 5)
    checked = hand_in(admin, "catalog.item", HEAD, *items(20))
    said = Run.progress

    def cancelling(run: Run, done: int, total: int | None = None) -> None:
        run._said -= timedelta(seconds=1)
        if done == 10:
            jobs.cancel(run.job, now=timezone.now())
        said(run, done, total)

    monkeypatch.setattr(Run, "progress", cancelling)
    job = apply(admin, checked)
    monkeypatch.setattr(Run, "progress", said)
    assert (job.state, JobEffect.objects.filter(job=job).count()) == ("cancelled", 10)
    assert Item.objects.filter(code__startswith="N-").count() == 10
    again = apply(admin, checked)
    assert again == job, "what stands is taken back first"
    admin.post(f"/{job.path}/undo/")
    assert Item.objects.filter(code__startswith="N-").count() == 0
    assert apply(admin, checked).figures["made"] == 20


@pytest.mark.django_db
def test_a_cancelled_whole_leaves_nothing(
    admin: Client, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = hand_in(admin, "catalog.item", HEAD, *items(5))
    Job.objects.filter(pk=checked.pk).update(cancel_requested=False)
    whole = Run.whole

    def cancelled_first(run: Run) -> Any:
        jobs.cancel(run.job, now=timezone.now())
        return whole(run)

    monkeypatch.setattr(Run, "whole", cancelled_first)
    assert apply(admin, checked, "whole").state == "cancelled"
    assert Item.objects.filter(code__startswith="N-").count() == 0


@pytest.mark.django_db
def test_more_than_can_be_one_transaction_is_said(
    admin: Client, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(masters.MasterTarget, "whole", 2)
    job = apply(admin, hand_in(admin, "catalog.item", HEAD, *items(3)), "whole")
    assert job.state == "failed"
    assert "More than 2 cannot be all or nothing" in job.message
    assert Item.objects.filter(code__startswith="N-").count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_csv_of_excel_is_read_in(admin: Client, factory: Factory, encoding: str) -> None:
    content = "编码,名称\r\nC7,新客户\r\n".encode(encoding)
    admin.post("/imports/catalog.customer/", {"file": sent(content, "customers.csv")})
    checked = Job.objects.latest("pk")
    assert (
        checked.figures == {"made": 1, "changed": 0, "same": 0, "wrong": 0} or "Not read" in checked.message
    )
    apply(admin, checked)
    assert Customer.objects.get(code="C7").name == "新客户"


@pytest.mark.django_db
def test_a_lost_file_is_said(admin: Client, factory: Factory, settings: Any, times: Times) -> None:
    settings.JOBS_APART = True
    hand_in(admin, "catalog.item", HEAD, GOOD)
    from django.core.files.storage import default_storage

    default_storage.delete(Job.objects.get().params["upload"])
    working.drain(times)
    assert "hand it in again" in Job.objects.get().message


@pytest.mark.django_db
def test_a_file_is_forgotten_with_its_job(admin: Client, factory: Factory) -> None:
    from django.core.files.storage import default_storage

    job = hand_in(admin, "catalog.item", HEAD, GOOD)
    assert default_storage.exists(job.params["upload"])
    assert jobs.throw_away(now=timezone.now() + timedelta(days=31)) == 1
    assert not default_storage.exists(job.params["upload"])


@pytest.mark.django_db
def test_a_trial_tells_nobody_anything(at_desk: Any, factory: Factory) -> None:
    from tests.jobs.test_documents import HEAD as ORDER
    from tests.jobs.test_documents import RECEIVE, SOON

    hand_in(at_desk("sales_clerk"), RECEIVE, ORDER, ["A", "C001", "Phone", SOON, "KYN28A-12", 2, None])
    assert Notice.objects.count() == 0
    assert Order.objects.count() == 0


@pytest.mark.django_db
def test_the_example_is_known_by_its_cells() -> None:
    assert work.mark_of(["a", "", "b"]) == work.mark_of(["a", "b", "", ""])
    assert work.mark_of(["a", "b"]) != work.mark_of(["a", "c"])


@pytest.mark.django_db
def test_told_columns_and_clocks_leave_too(story: Story) -> None:
    story.effective()
    screen = screen_of(Order)
    viewer = Viewer.of(story.factory.person("sales_clerk"), story.at)
    there = exported.offered(screen, viewer)
    names = exported.names_of(screen, there, viewer)
    assert "stages" not in names
    row = dict(zip(names, next(exported.cells(screen, [story.order], names, viewer))[1], strict=True))
    assert row["number"] == story.order.number
    assert row["state"] == story.order.get_state_display()
    assert row["clock"] is None or row["clock"].tzinfo is not None
    assert len(exported.heads_of(screen, names, viewer)) == len(names)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[None]:
    """A heart that beats ten times a second, in workers of their own."""
    monkeypatch.setattr(working, "BEAT", 0.1)
    settings.JOBS_APART = True
    before = dict(jobs.Kind.registry)
    yield
    jobs.Kind.registry.clear()
    jobs.Kind.registry.update(before)


@pytest.mark.django_db(transaction=True)
def test_the_heartbeat_keeps_the_lease_while_a_step_takes_long(
    quick: None, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    beaten = threading.Event()
    renewed = Run.renew

    def noted(run: Run) -> bool:
        done = renewed(run)
        beaten.set()
        return done

    monkeypatch.setattr(Run, "renew", noted)
    seen: list[Any] = []

    def work_long(run: Run) -> None:
        first = Job.objects.get().leased_until
        assert beaten.wait(10)
        seen.append((first, Job.objects.get().leased_until))

    jobs.kind("test.long", "Test")(work_long)
    jobs.start("test.long", by=factory.by("buyer"), title="x", params={})
    assert working.drain(Times(NINE, timezone.now)) == 1
    assert Job.objects.get().state == "done"
    assert seen[0][1] > seen[0][0]


@pytest.mark.django_db(transaction=True)
def test_a_call_that_nobody_takes_is_made_up_by_the_tick(quick: None, factory: Factory) -> None:
    jobs.kind("test.short", "Test")(lambda run: "done")
    jobs.start("test.short", by=factory.by("buyer"), title="x", params={})
    assert Job.objects.get().state == "queued"
    assert working.on_tick(NINE) == 1, "there is no broker here: the next tick does not wait"
    for thread in threading.enumerate():
        if thread.name == "jobs":
            thread.join(10)
    assert Job.objects.get().state == "done"
