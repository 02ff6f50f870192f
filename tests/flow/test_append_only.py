"""Events and ledgers cannot be changed or deleted, whoever asks the database (P11)."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from flow import append_only
from flow.models import Event
from tests.story import Story

LEDGERS = [m for m in apps.get_models() if getattr(m, append_only.MARK, False)]


def test_the_event_log_and_the_ledgers_are_among_them() -> None:
    names = {m._meta.label for m in LEDGERS}
    assert {"flow.Event", "orders.Progress", "catalog.StockMove"} <= names


@pytest.mark.rule("SYS-03")
def test_an_event_is_neither_changed_nor_deleted(story: Story) -> None:
    event = Event.objects.filter(subject_id=story.received().order.pk).get()
    with pytest.raises(DatabaseError), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(verb="nothing.happened.here")
    with pytest.raises(DatabaseError), transaction.atomic():
        event.delete()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM flow_event")
    assert Event.objects.get(pk=event.pk).verb == "orders.order.receive"


@pytest.mark.django_db
@pytest.mark.parametrize("model", LEDGERS, ids=lambda m: m._meta.label)
def test_every_ledger_has_its_triggers(model: type) -> None:
    table = model._meta.db_table  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass", [table])
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
        names = {row[0] for row in cursor.fetchall()}
    assert any(append_only.MARK in name for name in names)


@pytest.mark.django_db(transaction=True)
def test_without_the_trigger_it_would_be_changed(transactional_db: None) -> None:
    """The twin: the protection is the trigger, nothing else."""
    from tests.goods import Factory

    Story(Factory()).received()
    append_only.release(connection, Event._meta.db_table)
    assert Event.objects.update(verb="x.y.z") >= 1
