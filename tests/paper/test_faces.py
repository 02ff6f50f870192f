"""Printing at the desk and by programs: shown before, one or many, never what one may not see."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import transaction
from django.test import Client
from django.test.utils import override_settings

from desk import waiting
from desk.bundles import AT_ONCE, MOST
from flow import prints
from flow.models import Event
from integration import jobs, tokens
from integration.models import Job
from orders.models import Order
from quality.models import Inspection
from tests.paper.conftest import pages
from tests.story import Story

pytestmark = pytest.mark.django_db
AtDesk = Callable[..., Client]
PRINTED = "orders.order.print"


@pytest.fixture
def at_desk(story: Story) -> AtDesk:
    """`at_desk("sales_clerk")`: the browser of the holder of that role."""

    def seated(who: str) -> Client:
        client = Client()
        client.force_login(story.factory.person(who))
        return client

    return seated


def asked(story: Story, who: str, path: str, **headers: str) -> Any:
    """The answer of the REST face to the holder of the role."""
    _row, token = tokens.issue(story.factory.person(who))
    return Client().get(path, headers={"Authorization": f"Token {token}", **headers})


def test_the_page_leads_to_the_form_and_shows_it(story: Story, at_desk: AtDesk) -> None:
    order = story.received().order
    client = at_desk("sales_clerk")
    assert f"/{order.path}/print/plain/" in client.get(f"/{order.path}/").content.decode()
    assert client.get(f"/{order.path}/print/").headers["Location"] == f"/{order.path}/print/plain/"
    page = client.get(f"/{order.path}/print/plain/")
    assert page.status_code == 200
    assert 'src="data:image/png;base64,iVBOR' in page.content.decode()
    assert not Event.objects.filter(verb=PRINTED).exists(), "looking is not printing"


@pytest.mark.rule("SYS-14", "QUA-03")
def test_the_chosen_copies_are_printed_and_recorded(
    story: Story, to_inspect: Inspection, at_desk: AtDesk
) -> None:
    client, path = at_desk("storekeeper"), f"/{to_inspect.path}/print/incoming/"
    text = client.get(path, {"copy": "warehouse"}).content.decode()
    assert len(re.findall('type="checkbox" name="copy"', text)) == 4
    assert re.search(r'class="copy on".*?value="warehouse"', text)
    answer = client.post(f"{path}pdf/", {"copy": ["quality", "warehouse"], "how": "save"})
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer.headers["Cache-Control"]
    found = pages(answer.content)
    assert ["第一联 质检部" in found[0], "第四联 仓库" in found[1]] == [True, True]
    event = Event.objects.get(verb="quality.inspection.print")
    assert (event.actor.username, event.data["copies"]) == ("storekeeper", ["quality", "warehouse"])
    text = client.get(f"/{to_inspect.path}/").content.decode()
    assert "Printed" in text
    assert "Copy 1 Quality department、Copy 4 the warehouse" in text


def test_no_copy_is_no_print(to_inspect: Inspection, at_desk: AtDesk) -> None:
    client, path = at_desk("storekeeper"), f"/{to_inspect.path}/print/incoming/"
    assert client.post(f"{path}pdf/", {}).headers["Location"] == path
    assert client.post(f"{path}pdf/", {"copy": "nobody"}).status_code == 404
    assert client.get(path, {"copy": "nobody"}).status_code == 404
    assert client.get(f"/{to_inspect.path}/print/final/").status_code == 404
    assert not Event.objects.filter(verb="quality.inspection.print").exists()


def test_who_may_not_see_a_document_may_not_print_it(story: Story, at_desk: AtDesk) -> None:
    order = story.received().order
    client = Client()
    client.force_login(story.factory.stranger)
    for path in ("", "plain/"):
        assert client.get(f"/{order.path}/print/{path}").status_code == 404
    assert client.post(f"/{order.path}/print/plain/pdf/").status_code == 404
    assert client.post("/print/", {"paper": f"orders.order:{order.public_id}:plain"}).status_code == 404
    assert (
        order.number not in client.get(f"/print/?label=orders.order&ids={order.public_id}").content.decode()
    )
    assert order.number not in client.get(f"/print/?case={order.case.public_id}").content.decode()
    assert Client().get(f"/{order.path}/print/plain/").status_code == 302
    assert not Event.objects.filter(verb=PRINTED).exists()


def test_several_documents_are_printed_in_their_order(story: Story, at_desk: AtDesk) -> None:
    orders = [Story(story.factory).received().order for _number in range(3)]
    client = at_desk("sales_clerk")
    wanted = ",".join(str(order.public_id) for order in reversed(orders))
    text = client.get(f"/print/?label=orders.order&ids={wanted}").content.decode()
    papers = re.findall(r'name="paper" value="([^"]+)" checked', text)
    assert [word.split(":")[1] for word in papers] == [str(order.public_id) for order in reversed(orders)]
    answer = client.post(f"/print/?label=orders.order&ids={wanted}", {"paper": papers})
    found = pages(answer.content)
    assert [order.number in page for order, page in zip(reversed(orders), found, strict=True)] == [True] * 3
    assert Event.objects.filter(verb=PRINTED).count() == 3


def test_all_papers_of_a_case_can_be_printed(story: Story, at_desk: AtDesk) -> None:
    order = story.signed().order
    text = at_desk("sales_clerk").get(f"/print/?case={order.case.public_id}").content.decode()
    for number in (order.number, story.contract.number, story.quotation.number):
        assert str(number) in text


@pytest.mark.parametrize("path", ["/print/", "/print/?label=a.b&ids=1", "/print/?case=x"])
def test_nonsense_is_not_there(story: Story, at_desk: AtDesk, path: str) -> None:
    client = at_desk("sales_clerk")
    assert client.get(path).status_code == 404
    assert client.post("/print/", {"paper": ["x", "::", "orders.order:1:plain"]}).status_code == 404


@pytest.mark.parametrize("many", [0, MOST + 1])
def test_none_or_too_many_are_refused_in_words(story: Story, at_desk: AtDesk, many: int) -> None:
    order = story.received().order
    word = f"orders.order:{order.public_id}:plain"
    answer = at_desk("sales_clerk").post("/print/", {"paper": ["x"] * many, "offered": word})
    assert f"between 1 and {MOST}" in answer.content.decode()
    assert order.number in answer.content.decode(), "the choice is still there"


def test_many_are_printed_in_the_background(story: Story, at_desk: AtDesk) -> None:
    order, client = story.received().order, at_desk("sales_clerk")
    words = [f"orders.order:{order.public_id}:plain"] * (AT_ONCE + 1) + ["orders.order:x:plain"]
    answer = client.post("/print/", {"paper": words})
    job = Job.objects.get(kind="desk.print")
    assert answer.headers["Location"] == f"/jobs/{job.public_id}/"
    assert (job.state, job.done, job.refused) == (Job.State.DONE, AT_ONCE + 1, 1)
    with default_storage.open(job.stored) as file:
        assert len(pages(file.read())) == AT_ONCE + 1
    assert Event.objects.filter(verb=PRINTED).count() == AT_ONCE + 1


def test_a_job_that_is_done_again_records_once(story: Story) -> None:
    order, by = story.received().order, story.by("sales_clerk")
    params = {"papers": [f"orders.order:{order.public_id}:plain"], "root": "https://erp.example.com/"}
    with transaction.atomic():
        job = jobs.start("desk.print", by=by, title="x", params=params)
    for _again in range(2):
        Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED, ended_at=None)
        waiting.wait(Job.objects.get(pk=job.pk), at=by.at)
    assert Event.objects.filter(verb=PRINTED).count() == 1


def test_programs_print_too(story: Story, to_inspect: Inspection) -> None:
    listed = asked(story, "storekeeper", f"/api/v1/{to_inspect.path}/print/").json()["results"]
    assert [(one["form"], one["copies"][0]["name"]) for one in listed] == [("incoming", "quality")]
    url = listed[0]["url"]
    answer = asked(story, "storekeeper", url, Accept="application/pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert len(pages(answer.content)) == 4
    assert len(pages(asked(story, "storekeeper", f"{url}?copies=quality,warehouse").content)) == 2
    assert Event.objects.filter(verb="quality.inspection.print").count() == 2


@pytest.mark.parametrize(
    ("ending", "status"),
    [("print/none.pdf", 404), ("print/plain.pdf?copies=x", 422), ("print/plain.pdf?y=1", 422)],
)
def test_what_is_wrong_is_said_in_json(story: Story, ending: str, status: int) -> None:
    order = story.received().order
    answer = asked(story, "sales_clerk", f"/api/v1/{order.path}/{ending}", Accept="application/pdf")
    assert answer.status_code == status
    assert answer.json()["message"]
    assert asked(story, "sales_clerk", f"/api/v1/nothing/at_all/x/{ending}").status_code == 404


def test_a_stranger_gets_no_pdf_by_the_api(story: Story) -> None:
    order = story.received().order
    _row, token = tokens.issue(story.factory.stranger)
    headers = {"Authorization": f"Token {token}"}
    for ending in ("print/", "print/plain.pdf"):
        assert Client().get(f"/api/v1/{order.path}/{ending}", headers=headers).status_code == 404


def test_the_address_on_paper_is_the_one_that_was_set(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    order = story.received().order
    seen: list[str] = []
    compose = prints.compose

    def noted(*wanted: Any, root: str, **more: Any) -> Any:
        seen.append(root)
        return compose(*wanted, root=root, **more)

    monkeypatch.setattr(prints, "compose", noted)
    asked(story, "sales_clerk", f"/api/v1/{order.path}/print/plain.pdf")
    with override_settings(PUBLIC_URL="https://erp.example.com"):
        asked(story, "sales_clerk", f"/api/v1/{order.path}/print/plain.pdf")
    assert seen == ["http://testserver/", "https://erp.example.com"]
    assert Order.objects.get().version == order.version
