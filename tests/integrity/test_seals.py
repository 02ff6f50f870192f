"""Events are sealed soon and in order, by one of many, and what is done to them afterwards is found (P11)."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from flow import append_only, audit, seals
from flow.models import Event, MaintenanceRecord, Seal
from tests.database import at_once
from tests.goods import Factory
from tests.integrity.events import told
from tests.integrity.tampering import Vandal
from tests.people import NINE
from tests.proofs import proven

WHAT = "random tampering behind the triggers, named by the audit"


@pytest.fixture(autouse=True)
def no_witness() -> Iterator[None]:
    """The file beside the database belongs to one test's events."""
    seals.witness().unlink(missing_ok=True)
    yield
    seals.witness().unlink(missing_ok=True)


@pytest.fixture
def sealed(factory: Factory, monkeypatch: pytest.MonkeyPatch) -> Factory:
    """Events under seals of eight, with gaps between their ids, and the triggers lifted as an owner can."""
    monkeypatch.setattr(seals, "SIZE", 8)
    told(factory, 70)
    connection.check_constraints()
    for model in (Event, Seal):
        append_only.release(connection, model._meta.db_table)
    Event.objects.filter(subject_id=1_003).delete()
    assert seals.seal(at=NINE, limit=7) == 7
    assert audit.verify().findings == []
    return factory


def tampered(rounds: int, seed: int) -> int:
    """How many of so many random tamperings the audit did not find, or did not name rightly."""
    missed = 0
    for round_ in range(rounds):
        mark = transaction.savepoint()
        kept = seals.witness().read_text()
        what, words = Vandal(random.Random(f"{seed} {round_}")).strike()
        found = " ".join(audit.verify().findings)
        if words not in found:
            missed += 1
            print(f"round {round_}: {what}: {words!r} is not in {found!r}")
        transaction.savepoint_rollback(mark)
        seals.witness().write_text(kept)
    assert audit.verify().findings == []
    return missed


@pytest.mark.rule("SYS-03")
def test_a_hundred_random_tamperings_are_found(sealed: Factory) -> None:
    missed = tampered(100, seed=1)
    proven(
        "P11",
        injections=100,
        violations=missed,
        note="random tampering behind the triggers, named by the audit",
    )


@pytest.mark.soak
@pytest.mark.rule("SYS-03")
def test_a_thousand_random_tamperings_are_found(sealed: Factory) -> None:
    missed = tampered(1_000, seed=2)
    proven(
        "P11",
        injections=1_000,
        violations=missed,
        note="random tampering behind the triggers, named by the audit",
    )


def test_without_the_witness_a_cut_end_would_be_missed(sealed: Factory) -> None:
    """The twin: the chain alone cannot know how long it was."""
    Vandal(random.Random(3)).cut_all()
    assert audit.verify().findings != []
    seals.witness().unlink()
    assert audit.verify().findings == []
    assert audit.verify().notes != []


def test_without_the_key_a_forged_chain_would_pass(sealed: Factory, settings: Any) -> None:
    """The twin: who has the key can write another history; so it is kept outside the database."""
    Vandal(random.Random(4)).forge_chain()
    seals.witness().unlink()
    assert any("not signed" in sentence for sentence in audit.verify().findings)
    for seal in Seal.objects.all():
        mac = seals.mac_of(seal.digest, settings.EVENT_SEAL_KEY)
        Seal.objects.filter(number=seal.number).update(mac=mac)
    assert audit.verify().findings == []


def test_an_old_key_still_checks_what_it_sealed(sealed: Factory, settings: Any) -> None:
    old, settings.EVENT_SEAL_KEY = settings.EVENT_SEAL_KEY, "a new key"
    seals.seal(at=NINE)
    assert ["not here: 7" in sentence for sentence in audit.verify().findings] == [True]
    settings.EVENT_SEAL_OLD_KEYS = [old]
    found = audit.verify()
    assert found.findings == []
    assert (found.events, found.unsealed) == (Event.objects.count(), 0)


def test_the_command_says_it_and_keeps_it(sealed: Factory) -> None:
    said = StringIO()
    call_command("audit_verify", "--record", stdout=said)
    pk = Event.objects.earliest("pk").pk
    Event.objects.filter(pk=pk).update(verb="x.y.z")
    with pytest.raises(CommandError):
        call_command("audit_verify", "--record", stdout=said)
    assert f"Event {pk} was changed." in said.getvalue()
    outcomes = (
        MaintenanceRecord.objects.filter(kind="audit").order_by("pk").values_list("succeeded", flat=True)
    )
    assert list(outcomes) == [True, False]


def test_young_events_wait_for_their_seal_and_old_ones_do_not(
    factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(factory, 5)
    assert seals.on_tick(NINE) == 0
    monkeypatch.setattr(seals, "WAIT", timedelta(seconds=-1))
    assert seals.on_tick(NINE) == 1
    assert seals.on_tick(NINE) == 0
    assert Seal.objects.get().last_id == Event.objects.latest("pk").pk


@pytest.mark.django_db(transaction=True)
def test_of_many_sealers_one_seals(transactional_db: None) -> None:
    told(Factory(), 300)
    at_once([lambda: seals.seal(at=NINE)] * 8)
    assert list(Seal.objects.values_list("number", "count")) == [(1, 300)]
    assert audit.verify().findings == []


@pytest.mark.django_db(transaction=True)
def test_an_event_that_is_still_being_written_holds_the_seal_back(
    postgresql: None, transactional_db: None
) -> None:
    """An id given before another one is committed after it: sealed too early, it would look inserted."""
    factory = Factory()
    told(factory, 3)
    wrote, go = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            told(factory, 1)
            wrote.set()
            go.wait(timeout=20)
        connection.close()

    writer = threading.Thread(target=slow)
    writer.start()
    assert wrote.wait(timeout=20)
    told(factory, 3)
    assert seals.seal(at=NINE) == 0
    go.set()
    writer.join()
    assert seals.seal(at=NINE) == 1
    assert Seal.objects.get().count == 7
    assert audit.verify().findings == []


def test_fifty_thousand_events_a_second(factory: Factory) -> None:
    told(factory, 6_000)
    assert seals.seal(at=NINE, limit=30) == 6
    began = time.process_time(), time.perf_counter()
    found = audit.verify()
    spent, seconds = time.process_time() - began[0], time.perf_counter() - began[1]
    print(f"{6_000 / seconds:,.0f} events/s, {6_000 / spent:,.0f} a second of our own work")
    assert (found.findings, found.events) == ([], 6_000)
    # An eighth of what it does on a quiet machine, so that other work beside it does not make it fail.
    assert 6_000 / spent >= 50_000


def test_the_key_is_not_in_the_database() -> None:
    assert settings.EVENT_SEAL_KEY
    assert len(seals.key_id(settings.EVENT_SEAL_KEY)) == 16
    assert settings.EVENT_SEAL_KEY not in seals.key_id(settings.EVENT_SEAL_KEY)
