"""The pages of administrators in a browser, wide and on a phone, light and dark: nothing refused or cut."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from catalog.models import Customer
from deadlines import sweep
from deadlines.models import RuleSetting
from integration import outbox
from integration.models import Outbox
from org import calendars
from org.models import CalendarDay
from tests.browser.test_pages import WIDTHS, desks  # noqa: F401
from tests.people import NINE
from tests.story import Story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def told(story: Story) -> None:
    """A house in which things happened: clocks, settings, a letter that was given up, a changed customer."""
    story.arrived()
    for tell in ("received", "in_review", "quoted", "effective", "planned"):
        getattr(Story(story.factory), tell)()
    sweep.run(at=NINE)
    admin = story.factory.person("admin")
    admin.is_staff = True
    admin.save()
    RuleSetting.objects.create(rule_id="instruction_4h", set_by=admin, set_at=NINE, amount=6, note="试行")
    outbox.put([outbox.mail("a@example.com", subject="S", text="T", key="k")])
    Outbox.objects.update(state="dead", tries=8, fault="SMTPConnectError: (421, b'later')")
    customer = Customer.objects.first()
    customer.contact, customer._history_user = "李四", admin
    customer.save()
    day = NINE.date().replace(month=5, day=4)
    calendars.issue_version(
        company=story.factory.kg,
        by=admin,
        at=NINE,
        note="厂休",
        days={day: (CalendarDay.Kind.HOLIDAY, "厂庆")},
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_back_office_fits_its_window(desks: Any, story: Story, theme: str) -> None:  # noqa: F811
    call_command("compile_catalogue")
    told(story)
    for width in WIDTHS:
        desk = desks(width, color_scheme=theme)
        chinese = {"name": settings.LANGUAGE_COOKIE_NAME, "value": "zh-hans", "url": desk.root}
        desk.page.context.add_cookies([chinese])
        desk.log_in("admin")
        look = {
            "board": "/admin/",
            "organisation": "/admin/organisation/",
            "year": "/admin/year/?company=KG&year=2026",
            "changes": "/admin/changes/",
            "rules": "/admin/deadlines/timedrule/",
            "rule": "/admin/deadlines/timedrule/instruction_4h/change/",
            "clocks": "/admin/deadlines/deadline/",
            "people": "/admin/org/person/",
            "person": f"/admin/org/person/{story.factory.person('buyer').pk}/change/",
            "tokens": "/admin/integration/servicetoken/",
            "outbox": "/admin/integration/outbox/",
            "logins": "/admin/org/login/",
            "operations": "/admin/flow/event/",
            "customer-history": f"/admin/catalog/customer/{Customer.objects.first().pk}/history/",
            "prices": "/admin/catalog/pricelistline/",
            "orders": "/admin/orders/order/",
            "order": f"/admin/orders/order/{story.order.pk}/change/",
            "series": "/admin/flow/series/",
        }
        for name, path in look.items():
            desk.look(path, f"back-{name}-{theme}")
