"""The shell round every page: notices, language, training clock, silence, log-in and log-out."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from flow import clock
from flow.models import Heartbeat
from integration import notices
from tests.people import PASSWORD
from tests.story import Story

CLASSES = re.compile(r'class="((?:\{%.*?%\}|\{\{.*?\}\}|[^"])*)"')


def test_unread_notices_are_counted_and_following_one_reads_it(at_desk: Any, story: Story) -> None:
    story.received()
    clerk = story.factory.person("sales_clerk")
    for number in range(3):
        notices.tell(clerk, title=f"催 {number}", path=story.order.path, at=story.at, key=f"k{number}")
    client = at_desk(clerk)
    assert ">3</i>" in client.get("/").content.decode()
    first = notices.latest(clerk)[0]
    assert client.get(f"/notices/{first.pk}/").headers["Location"].startswith(f"/{story.order.path}/")
    assert ">2</i>" in client.get("/notices/").content.decode()
    client.post("/notices/read/")
    assert notices.unread_count(clerk) == 0
    assert at_desk("buyer").get(f"/notices/{first.pk}/").status_code == 404


def test_no_name_of_ours_means_something_to_the_library_by_chance(settings: Any) -> None:
    """A class that Tabler styles too takes on its looks; those meant or put right by our own stand here."""
    library = settings.BASE_DIR / "static" / "vendor" / "tabler.css"
    if not library.exists():
        pytest.skip("the library was not fetched: bin/assets base")
    theirs = set(re.findall(r"\.([a-zA-Z][\w-]*)", re.sub(r"\{[^{}]*\}", "{}", library.read_text())))
    tagged = re.compile(r"\{%.*?%\}|\{\{.*?\}\}")
    pages = [path.read_text() for path in (settings.BASE_DIR / "templates" / "desk").rglob("*.html")]
    said = [tagged.sub(" ", found) for page in pages for found in CLASSES.findall(page)]
    ours = {name for names in said for name in re.findall(r"[a-zA-Z][\w-]*", names)}
    meant = {"btn", "btn-danger", "btn-primary", "card", "chart", "empty", "grid", "row", "small", "table"}
    assert ours & theirs <= meant


def test_a_notice_never_leads_out_of_the_house(at_desk: Any, story: Story) -> None:
    clerk = story.factory.person("sales_clerk")
    notices.tell(clerk, title="x", path="//evil.example/a", at=story.at, key="k")
    answer = at_desk(clerk).get(f"/notices/{notices.latest(clerk)[0].pk}/")
    assert answer.headers["Location"].startswith("/")
    assert not answer.headers["Location"].startswith("//")


def test_the_language_is_chosen_by_hand(at_desk: Any, factory: Any) -> None:
    client = at_desk("sales_clerk")
    client.post("/i18n/setlang/", {"language": "en", "next": "/"})
    assert 'lang="en"' in client.get("/").content.decode()[:60]
    client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/"})
    assert 'lang="zh-hans"' in client.get("/").content.decode()[:60]


def test_silence_of_the_background_is_said(at_desk: Any, factory: Any) -> None:
    client = at_desk("sales_clerk")
    Heartbeat.objects.create(name="worker", beat_at=timezone.now())
    assert 'role="alert"' not in client.get("/").content.decode()
    Heartbeat.objects.update(beat_at=timezone.now() - timedelta(minutes=7))
    page = client.get("/").content.decode()
    assert 'role="alert"' in page
    assert "7" in page.split('role="alert"')[1][:900]


def test_the_training_clock_is_shown_and_moved_only_by_administrators(
    at_desk: Any, factory: Any, settings: Any
) -> None:
    assert at_desk("admin").post("/clock/", {"ahead": "4h"}).status_code == 404
    settings.TRAINING_CLOCK = True
    before = clock.now()
    assert at_desk("sales_clerk").post("/clock/", {"ahead": "4h"}).status_code == 403
    assert at_desk("admin").post("/clock/", {"ahead": "-4h"}).status_code == 400
    answer = at_desk("admin").post("/clock/", {"ahead": "4h", "next": "//evil.example/"})
    assert answer.headers["Location"] == "/"
    assert timedelta(hours=4) <= clock.now() - before < timedelta(hours=4, minutes=1)
    assert 'role="status"' in at_desk("sales_clerk").get("/").content.decode()


def test_people_log_in_and_out(client: Any, factory: Any) -> None:
    wrong = client.post("/login/", {"username": "buyer", "password": "x"})
    assert 'role="alert"' in wrong.content.decode()
    client.post("/login/", {"username": "buyer", "password": PASSWORD})
    assert client.get("/").status_code == 200
    client.post("/logout/")
    assert client.get("/").status_code == 302


def test_somebody_who_left_is_logged_out_at_once(at_desk: Any, factory: Any) -> None:
    client = at_desk("buyer")
    assert client.get("/").status_code == 200
    buyer = factory.person("buyer")
    buyer.is_active = False
    buyer.save(update_fields=["is_active"])
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("template", ["400.html", "500.html", "403_csrf.html"])
def test_pages_of_last_resort_need_nothing(template: str) -> None:
    from django.template.loader import get_template

    assert 'href="/"' in get_template(template).render()
