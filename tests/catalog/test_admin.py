"""Master data are kept in the admin; the ledger is only looked at."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from catalog import models
from catalog.models import BomLine, BomVersion, Customer
from tests.catalog.conftest import Store

pytestmark = pytest.mark.django_db

LEDGER = ("lot", "serialnumber", "stockmove", "balance", "reservation")
MASTER = (
    "customer", "supplier", "carrier", "unit", "item", "bomversion", "pricelist", "warehouse",
)  # fmt: skip


@pytest.fixture
def keeper(store: Store, client: Client) -> Client:
    """A browser in which the administrator is logged in."""
    person = store.factory.person("admin")
    person.is_staff = person.is_superuser = True
    person.save()
    client.force_login(person)
    return client


def test_every_model_has_its_page() -> None:
    owned = {"bomline", "pricelistline", "supplieritem", "location"}
    registered = {m._meta.model_name for m in admin.site._registry if m._meta.app_label == "catalog"}
    assert registered | owned == {
        getattr(models, name)._meta.model_name for name in models.__all__ if name != "ProductFamily"
    }


@pytest.mark.parametrize("model", [*MASTER, *LEDGER])
def test_the_list_opens_and_is_searched(keeper: Client, store: Store, model: str) -> None:
    store.put(store.factory.breaker, 5, lot=store.lot(store.factory.breaker, "L1"))
    path = reverse(f"admin:catalog_{model}_changelist")
    assert keeper.get(path).status_code == 200
    assert keeper.get(path, {"q": "L1"}).status_code == 200


@pytest.mark.parametrize("model", MASTER)
def test_a_row_can_be_added(keeper: Client, model: str) -> None:
    assert keeper.get(reverse(f"admin:catalog_{model}_add")).status_code == 200


@pytest.mark.rule("ORG-20")
@pytest.mark.parametrize("model", LEDGER)
def test_nobody_writes_the_ledger_by_hand(keeper: Client, store: Store, model: str) -> None:
    lot = store.lot(store.factory.breaker, "L1")
    store.put(store.factory.breaker, 5, lot=lot)
    assert keeper.get(reverse(f"admin:catalog_{model}_add")).status_code == 403
    if model == "lot":
        path = reverse("admin:catalog_lot_change", args=[lot.pk])
        assert keeper.get(path).status_code == 200
        assert keeper.post(path, {"status": "concession"}).status_code == 403
        assert keeper.post(reverse("admin:catalog_lot_delete", args=[lot.pk])).status_code == 403


def test_a_customer_is_added_and_the_change_is_logged(keeper: Client) -> None:
    data = {"code": "C900", "name": "新客户", "kind": "customer", "grade": "B", "is_active": "on"}
    assert keeper.post(reverse("admin:catalog_customer_add"), data).status_code == 302
    assert Customer.objects.get(code="C900").name == "新客户"
    assert LogEntry.objects.get().user.username == "admin"


def test_versions_are_issued_from_the_list(keeper: Client, store: Store) -> None:
    frame = store.factory.frame
    good = BomVersion.objects.create(item=frame, number=8)
    BomLine.objects.create(version=good, component=store.factory.wire, quantity=1)
    empty = BomVersion.objects.create(item=frame, number=9)
    answer = keeper.post(
        reverse("admin:catalog_bomversion_changelist"),
        {"action": "issue_versions", "_selected_action": [good.pk, empty.pk]},
        follow=True,
    )
    good, empty = (BomVersion.objects.get(pk=row.pk) for row in (good, empty))
    assert (good.state, good.issued_by and good.issued_by.username, empty.state) == (
        "issued",
        "admin",
        "draft",
    )
    assert LogEntry.objects.get().object_id == str(good.pk)
    assert "V9" in answer.content.decode()


def test_an_issued_version_is_frozen(keeper: Client, store: Store) -> None:
    version = BomVersion.objects.get(item=store.factory.frame)
    path = reverse("admin:catalog_bomversion_change", args=[version.pk])
    page = keeper.get(path).content.decode()
    assert 'name="valid_to"' in page
    assert 'name="number"' not in page
    assert 'name="lines-0-quantity"' not in page
    data = {"state": "draft", "number": "99", "valid_to": "", "lines-0-quantity": "7"}
    keeper.post(path, data)
    version = BomVersion.objects.get(pk=version.pk)
    assert (version.state, version.number, version.lines.get().quantity) == ("issued", 1, 12.5)
    delete = reverse("admin:catalog_bomversion_delete", args=[version.pk])
    assert keeper.post(delete, {"post": "yes"}).status_code == 403
