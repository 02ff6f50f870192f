"""The way around the admin: by subject, then the documents of each department."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from flow import html
from integration.models import Outbox

# (title, symbol of the theme's font, name of the address) by group.
Entry = tuple[Any, str, str]
GROUPS: tuple[tuple[Any, tuple[Entry, ...]], ...] = (
    ("", ((_("Board"), "space_dashboard", "admin:index"),)),
    (
        _("Organisation and people"),
        (
            (_("Organisation chart"), "account_tree", "backoffice:organisation"),
            (_("Companies"), "domain", "admin:org_company_changelist"),
            (_("Departments"), "groups", "admin:org_department_changelist"),
            (_("People"), "person", "admin:org_person_changelist"),
            (_("Posts"), "badge", "admin:org_membership_changelist"),
        ),
    ),
    (
        _("Calendar and timed rules"),
        (
            (_("Year calendar"), "calendar_month", "backoffice:year"),
            (_("Calendar versions"), "event_note", "admin:org_calendarversion_changelist"),
            (_("Timed rules"), "timer", "admin:deadlines_timedrule_changelist"),
            (_("Running clocks"), "hourglass_top", "admin:deadlines_deadline_changelist"),
        ),
    ),
    (
        _("Master data"),
        (
            (_("Items"), "inventory_2", "admin:catalog_item_changelist"),
            (_("Bills of material"), "schema", "admin:catalog_bomversion_changelist"),
            (_("Customers"), "handshake", "admin:catalog_customer_changelist"),
            (_("Suppliers"), "local_shipping", "admin:catalog_supplier_changelist"),
            (_("Carriers"), "airport_shuttle", "admin:catalog_carrier_changelist"),
            (_("Price lists"), "sell", "admin:catalog_pricelist_changelist"),
            (_("Warehouses"), "warehouse", "admin:catalog_warehouse_changelist"),
            (_("Units"), "straighten", "admin:catalog_unit_changelist"),
        ),
    ),
    (
        _("Stock, to be looked at"),
        (
            (_("Stock balances"), "balance", "admin:catalog_balance_changelist"),
            (_("Stock moves"), "swap_horiz", "admin:catalog_stockmove_changelist"),
            (_("Lots"), "category", "admin:catalog_lot_changelist"),
            (_("Serial numbers"), "barcode", "admin:catalog_serialnumber_changelist"),
            (_("Reservations"), "bookmark", "admin:catalog_reservation_changelist"),
        ),
    ),
    (
        _("System"),
        (
            (_("Number series"), "123", "admin:flow_series_changelist"),
            (_("Service tokens"), "key", "admin:integration_servicetoken_changelist"),
            (_("Subscriptions"), "webhook", "admin:integration_subscription_changelist"),
            (_("Outbox and dead letters"), "outbox", "admin:integration_outbox_changelist"),
            (_("Background processes"), "monitor_heart", "admin:flow_heartbeat_changelist"),
        ),
    ),
    (
        _("Logs"),
        (
            (_("Log-in log"), "login", "admin:org_login_changelist"),
            (_("Operation log"), "history", "admin:flow_event_changelist"),
            (_("Changes of settings"), "difference", "backoffice:changes"),
            (_("Job log"), "pending_actions", "admin:integration_job_changelist"),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups of the side bar, as the admin's theme wants them."""
    found = [
        {"title": title, "separator": bool(title), "items": [_item(*entry) for entry in entries]}
        for title, entries in GROUPS
    ]
    return found + _departments()


def _item(title: Any, icon: str, name: str) -> dict[str, Any]:
    item = {"title": title, "icon": icon, "link": reverse(name)}
    if name == "admin:integration_outbox_changelist":
        item["badge"] = dead_letters()
    return item


def dead_letters() -> str:
    """How many letters were given up; empty for none. One query."""
    count = Outbox.objects.filter(state=Outbox.State.DEAD).count()
    return str(count) if count else ""


def _departments() -> list[dict[str, Any]]:
    """The documents of each department in the order of the flow, folded."""
    groups: dict[str, dict[str, Any]] = {}
    for screen in html.screens():
        meta = screen.model._meta
        group = groups.setdefault(
            meta.app_label,
            {
                "title": apps.get_app_config(meta.app_label).verbose_name,
                "separator": not groups,
                "collapsible": True,
                "items": [],
            },
        )
        link = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        group["items"].append({"title": meta.verbose_name_plural, "icon": "description", "link": link})
    return list(groups.values())
