"""The admin: open to the post of administrator, and no way round an action."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.utils import timezone

from flow.models import Document
from flow.screens import Screen
from orders.models import Order
from org import calendars
from org.models import CalendarVersion, Membership, Person
from org.roles import Role
from tests.goods import Factory
from tests.story import Story

ORDERS = "/admin/orders/order/"


@pytest.fixture
def administrator(factory: Factory) -> Person:
    """Who holds the post in KG, with the door open, and also a sales clerk."""
    person = factory.person("admin")
    Person.objects.filter(pk=person.pk).update(is_staff=True)
    return Person.objects.get(pk=person.pk)


@pytest.fixture
def desk(administrator: Person) -> Client:
    client = Client()
    client.force_login(administrator)
    return client


def test_every_document_has_its_admin(db: None) -> None:
    assert all(admin.site.is_registered(screen.model) for screen in Screen.registry.values())
    assert Screen.registry.keys() <= Document.registry.keys()


def test_every_admin_list_opens(desk: Client) -> None:
    for model in admin.site._registry:
        answer = desk.get(f"/admin/{model._meta.app_label}/{model._meta.model_name}/")
        assert answer.status_code == 200, model


def test_a_document_can_be_looked_at_and_not_written(desk: Client, story: Story) -> None:
    story.received()
    page = f"{ORDERS}{story.order.pk}/change/"
    assert str(story.order.number) in desk.get(ORDERS).content.decode()
    assert desk.get(page).status_code == 200
    assert desk.post(page, {"remark": "anders"}).status_code == 403
    assert desk.get(f"{ORDERS}add/").status_code == 403
    assert desk.post(f"{ORDERS}{story.order.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Order.objects.get().remark == ""


def test_administering_alone_moves_nothing(desk: Client, story: Story) -> None:
    story.confirmed()
    desk.post(ORDERS, {"action": "submit_review", "_selected_action": [story.order.pk]})
    assert story.order.state == Order.State.CONFIRMED


def test_the_post_counts_and_not_the_flag(desk: Client, administrator: Person) -> None:
    assert desk.get("/admin/org/company/").status_code == 200
    Membership.objects.filter(person=administrator).update(ends_on=timezone.localdate() - timedelta(days=1))
    assert desk.get("/admin/org/company/").status_code == 403


def test_somebody_without_the_post_is_kept_out(at_desk: Any, factory: Factory) -> None:
    clerk = factory.person("sales_clerk")
    Person.objects.filter(pk=clerk.pk).update(is_staff=True)
    clerk.refresh_from_db()
    client = at_desk(clerk)
    assert client.get("/admin/org/company/").status_code == 403
    assert at_desk("buyer").get("/admin/").status_code == 302


def test_another_companys_documents_stay_closed(at_desk: Any, story: Story) -> None:
    story.received()
    stranger = story.factory.stranger
    Person.objects.filter(pk=stranger.pk).update(is_staff=True)
    stranger.refresh_from_db()
    assert story.order.number not in at_desk(stranger).get(ORDERS).content.decode()


def test_prices_stay_closed_to_administrators(desk: Client, story: Story) -> None:
    story.received()
    assert "38000" not in desk.get(f"{ORDERS}{story.order.pk}/change/").content.decode()


def test_who_becomes_administrator_is_let_in(desk: Client, factory: Factory) -> None:
    buyer = factory.person("buyer")
    data = {"person": buyer.pk, "role": Role.ADMIN, "company": factory.kg.pk, "starts_on": "2026-01-01"}
    answer = desk.post("/admin/org/membership/add/", data)
    assert answer.status_code == 302, answer.content.decode()
    assert Person.objects.get(pk=buyer.pk).is_staff


def test_nobody_is_deleted(desk: Client, factory: Factory) -> None:
    pk = factory.person("buyer").pk
    assert desk.post(f"/admin/org/person/{pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.rule("SYS-05")
def test_a_calendar_changes_by_a_new_version(desk: Client, factory: Factory) -> None:
    before = CalendarVersion.objects.count()
    data = {"company": factory.kg.pk, "note": "厂休", "days": "2026-03-03 holiday 厂庆", "known": "2027"}
    answer = desk.post("/admin/org/calendarversion/add/", data)
    assert answer.status_code == 302, answer.content.decode()
    assert CalendarVersion.objects.count() == before + 1
    worktime = calendars.worktime(factory.kg)
    assert not worktime.is_workday(date(2026, 3, 3))
    assert worktime.is_workday(date(2026, 3, 4))
    wrong = desk.post("/admin/org/calendarversion/add/", {**data, "days": "2026-02-31 holiday"})
    assert wrong.status_code == 200
    assert CalendarVersion.objects.count() == before + 1
