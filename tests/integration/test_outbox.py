"""The outbox: at least once, with waits, given up visibly, one channel not held up by another (P5)."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection, transaction

from integration import dispatch, mails, outbox
from integration.models import Outbox
from tests.database import at_once
from tests.integration.conftest import Clock


def put(*keys: str, address: str = "a@example.com") -> None:
    """Mails in the outbox."""
    outbox.put(outbox.mail(address, subject="S", text="T", key=key) for key in keys)


@pytest.mark.django_db
def test_a_letter_is_put_in_once(clock: Clock) -> None:
    put("k", "k")
    put("k")
    put("k", address="b@example.com")
    assert Outbox.objects.count() == 2


@pytest.mark.django_db
def test_a_mail_is_sent_and_marked(clock: Clock) -> None:
    put("k")
    assert dispatch.dispatch(clock.times) == 1
    [sent] = mail.outbox
    row = Outbox.objects.get()
    assert (sent.to, sent.subject, sent.body) == (["a@example.com"], "S", "T")
    assert sent.extra_headers["Message-ID"] == mails.message_id(row)
    assert (row.state, row.tries, row.done_at) == ("done", 1, clock.now)
    assert dispatch.dispatch(clock.times) == 0
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_a_header_cannot_be_smuggled_in(clock: Clock) -> None:
    outbox.put([outbox.mail("a@example.com", subject="S\r\nBcc: b@example.com", text="", key="k")])
    dispatch.dispatch(clock.times)
    assert mail.outbox[0].subject == "S Bcc: b@example.com"


@pytest.mark.django_db
def test_it_waits_longer_each_time_and_gives_up_after_eight(clock: Clock, monkeypatch: Any) -> None:
    ids: list[str] = []

    def away(row: Outbox, _times: Any) -> None:
        ids.append(mails.message_id(row))
        raise ConnectionRefusedError("the server is away")

    monkeypatch.setitem(outbox._senders, "mail", away)
    put("k")
    for minutes in (1, 2, 4, 8, 15, 30, 60):
        dispatch.dispatch(clock.times)
        row = Outbox.objects.get()
        assert row.next_at - clock.now == timedelta(minutes=minutes)
        clock.later(minutes=minutes, seconds=-1)
        assert dispatch.dispatch(clock.times) == 0
        clock.later(seconds=1)
    dispatch.dispatch(clock.times)
    row = Outbox.objects.get()
    assert (row.state, row.tries) == ("dead", 8)
    assert "the server is away" in row.fault
    assert len(ids) == 8
    assert len(set(ids)) == 1
    clock.later(days=9)
    assert dispatch.dispatch(clock.times) == 0


@pytest.mark.django_db
def test_what_was_given_up_is_tried_again_on_demand(clock: Clock) -> None:
    put("k")
    Outbox.objects.update(state="dead", tries=8)
    assert outbox.try_again(Outbox.objects.all(), now=clock.now) == 1
    dispatch.dispatch(clock.times)
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_a_bad_letter_does_not_hold_up_the_next(clock: Clock, monkeypatch: Any) -> None:
    real = outbox._senders["mail"]

    def picky(row: Outbox, times: Any) -> None:
        if row.key == "bad":
            raise ValueError("bad")
        real(row, times)

    monkeypatch.setitem(outbox._senders, "mail", picky)
    put("bad", "good")
    dispatch.dispatch(clock.times)
    assert len(mail.outbox) == 1
    assert Outbox.objects.get(key="bad").state == "waiting"


@pytest.mark.django_db
def test_a_row_held_by_another_is_left_alone_until_its_lease_ends(clock: Clock) -> None:
    put("k")
    held = outbox.claim("mail", now=clock.now)
    assert held is not None
    assert outbox.claim("mail", now=clock.now) is None
    clock.later(minutes=3)
    taken = outbox.claim("mail", now=clock.now)
    assert taken is not None
    assert taken.tries == 2
    assert not outbox.done(held, now=clock.now)
    assert outbox.done(taken, now=clock.now)


@pytest.mark.django_db
def test_a_row_whose_last_try_killed_its_process_is_given_up(clock: Clock) -> None:
    put("k")
    Outbox.objects.update(tries=7)
    outbox.claim("mail", now=clock.now)
    clock.later(minutes=3)
    assert outbox.due_channels(now=clock.now) == []
    assert Outbox.objects.get().state == "dead"


@pytest.mark.django_db(transaction=True)
def test_what_was_rolled_back_is_never_sent(clock: Clock) -> None:
    with transaction.atomic():
        put("k")
        transaction.set_rollback(True)
    assert dispatch.dispatch(clock.times) == 0


@pytest.mark.django_db(transaction=True)
def test_two_dispatchers_send_each_row_once(clock: Clock) -> None:
    put(*(f"k{n}" for n in range(60)))
    at_once([lambda: outbox.drain("mail", times=clock.times) for _ in range(4)])
    outbox.drain("mail", times=clock.times)
    assert sorted(m.extra_headers["Message-ID"] for m in mail.outbox) == sorted(
        {mails.message_id(row) for row in Outbox.objects.all()}
    )
    assert Outbox.objects.filter(state="done", tries=1).count() == 60


@pytest.mark.django_db(transaction=True)
def test_a_slow_channel_holds_up_neither_the_tick_nor_another(
    clock: Clock, monkeypatch: Any, settings: Any
) -> None:
    settings.OUTBOX_THREADS = True
    gate, sent = threading.Event(), threading.Event()
    monkeypatch.setitem(outbox._senders, "webhook", lambda row, times: gate.wait(30) or None)
    monkeypatch.setitem(outbox._senders, "mail", lambda row, times: sent.set())
    outbox.put([outbox.Letter("webhook", "k", "1", "webhook:1")])
    put("k")
    try:
        assert dispatch.dispatch(clock.times, apart=True) == 2
        assert sent.wait(20)
        assert "webhook:1" in dispatch._working
    finally:
        gate.set()
        for thread in threading.enumerate():
            if thread.name.startswith("outbox-"):
                thread.join(20)
    assert Outbox.objects.filter(state="done").count() == 2
    assert dispatch._working == set()
    assert connection.is_usable()
