"""Statements composed once answer as those composed each time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import BigIntegerField, CharField, JSONField

from flow.models import Case
from flow.models import IdempotencyKey as Key
from integration.models import Subscription
from org import queries
from org.composed import Composed, ComposedUpdate, Place, insertion
from org.models import Membership
from tests.goods import Factory
from tests.people import NINE

pytestmark = pytest.mark.django_db


def keys(factory: Factory, *names: str) -> list[Key]:
    """Rows of somebody's keys, not stored."""
    return [Key(actor=factory.person("gm"), key=name, fingerprint=name * 2) for name in names]


def test_each_asking_gives_the_rows_of_its_own_values(factory: Factory) -> None:
    asked = Composed(lambda: Case.objects.select_related("company").filter(pk=Place("pk", BigIntegerField())))
    several = [Case.objects.create(company=c, opened_at=NINE, title=c.code) for c in (factory.kg, factory.ct)]
    for case in [*several, *several]:
        [found] = asked(pk=case.pk)
        assert found == case
        assert (found.title, found.opened_at, found.company) == (case.company.code, NINE, case.company)
        assert found.public_id == case.public_id
    assert asked(pk=0) == []


def test_what_nothing_can_fit_is_empty_and_costs_nothing(django_assert_num_queries: object) -> None:
    asked = Composed(lambda: Case.objects.filter(pk__in=[], title=Place("title", CharField())))
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert asked(title="x") == []


def test_an_update_changes_the_rows_of_its_values_alone(factory: Factory) -> None:
    first, second = (Case.objects.create(company=factory.kg, opened_at=NINE) for _ in range(2))
    name = ComposedUpdate(
        lambda: (
            Case.objects.filter(pk=Place("pk", BigIntegerField())),
            {"title": Place("title", CharField())},
        )
    )
    assert (name(pk=first.pk, title="%s 甲"), name(pk=0, title="乙")) == (1, 0)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.title, second.title) == ("%s 甲", "")


def test_a_list_is_stored_and_no_value_is_left_out() -> None:
    listen = ComposedUpdate(
        lambda: (
            Subscription.objects.filter(pk=Place("pk", BigIntegerField())),
            {"verbs": Place("verbs", JSONField())},
        )
    )
    made = Subscription.objects.create(name="甲", url="https://a.example", verbs=["*"])
    assert listen(pk=made.pk, verbs=["orders.order.sign"]) == 1
    made.refresh_from_db()
    assert made.verbs == ["orders.order.sign"]
    with pytest.raises(TypeError, match="places"):
        listen(pk=made.pk, verbs=[], name="乙")


def test_rows_inserted_together_get_each_its_own_key(factory: Factory) -> None:
    rows = keys(factory, *(f"k{n}" for n in range(600)))
    insertion(Key)(rows)
    insertion(Key)([])
    stored = {row.pk: (row.key, row.made_at) for row in Key.objects.all()}
    assert {row.pk: (row.key, row.made_at) for row in rows} == stored


def test_a_row_that_is_there_stays_as_it_was(factory: Factory) -> None:
    insertion(Key)(keys(factory, "a"))
    with pytest.raises(IntegrityError), transaction.atomic():
        insertion(Key)(keys(factory, "a"))
    again = keys(factory, "a", "b")
    again[0].fingerprint = "other"
    insertion(Key)(again, ignore_conflicts=True)
    assert sorted(Key.objects.values_list("key", "fingerprint")) == [("a", "aa"), ("b", "bb")]


@pytest.mark.rule("ORG-02")
def test_a_post_that_ended_is_not_remembered(factory: Factory) -> None:
    person, today = factory.person("sales_clerk"), NINE.date()
    held = queries.posts(person, on=today)
    assert [post.role for post in held] == ["sales_clerk"]
    Membership.objects.filter(person=person).update(ends_on=today - timedelta(days=1))
    assert queries.posts(person, on=today) == ()
