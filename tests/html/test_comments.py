"""Remarks call people by name: who may see the document is offered and told, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from flow.models import Comment, Event
from integration.models import Notice
from tests.api.conftest import Caller
from tests.story import Story


@pytest.fixture
def said(at_desk: Any, story: Story) -> Any:
    """Say something on the order as the buyer."""
    story.received()

    def say(text: str, **more: Any) -> Comment:
        at_desk("buyer").post(f"/{story.order.path}/comment/", {"text": text, **more})
        return Comment.objects.latest("pk")

    return say


def told(story: Story, who: str) -> list[str]:
    """The notices of somebody about remarks."""
    rows = Notice.objects.filter(person=story.factory.person(who), event__verb="desk.comment")
    return list(rows.values_list("text", flat=True))


def test_who_is_named_is_told_and_the_event_stands(said: Any, story: Story, at_desk: Any) -> None:
    person = story.factory.person("prod_mgr")
    kept = said(f"@{person} 互感器要晚两天")
    assert kept.mentions == [person.pk]
    assert told(story, "prod_mgr") == [kept.text]
    event = Event.objects.get(verb="desk.comment")
    assert event.data == {"comment": kept.pk, "mentions": [person.pk]}
    assert event.version is None
    page = at_desk("gm").get(f"/{story.order.path}/").content.decode()
    assert f'<b class="mention">@{person}</b>' in page


def test_a_user_name_does_as_well_and_nobody_is_told_of_himself(said: Any, story: Story) -> None:
    said("@gm @buyer 请看")
    assert len(told(story, "gm")) == 1
    assert told(story, "buyer") == []


def test_a_stranger_is_neither_offered_nor_told(said: Any, story: Story, at_desk: Any) -> None:
    stranger = story.factory.stranger
    kept = said(f"@{stranger.username} 看看", mention=[stranger.pk])
    assert kept.mentions == []
    assert not Notice.objects.filter(person=stranger).exists()
    path = f"/{story.order.path}/people/"
    offered = at_desk("buyer").get(path, {"q": stranger.username}).json()["people"]
    assert stranger.pk not in [one["id"] for one in offered]
    assert at_desk(stranger).get(path).status_code == 404


def test_somebody_may_be_picked_among_namesakes(said: Any, story: Story) -> None:
    first, second = story.factory.person("prod_mgr"), story.factory.person("gm")
    for person in (first, second):
        person.name = "王芳"
        person.save(update_fields=["name"])
    assert said("@王芳 请看").mentions == []
    assert said("@王芳 请看", mention=[second.pk]).mentions == [second.pk]


def test_an_id_without_its_name_in_the_text_counts_nothing(said: Any, story: Story) -> None:
    assert said("大家看看 @", mention=[story.factory.person("gm").pk]).mentions == []


def test_the_longest_name_is_meant(said: Any, story: Story) -> None:
    short, long = story.factory.person("prod_mgr"), story.factory.person("gm")
    for person, name in ((short, "王芳"), (long, "王芳芳")):
        person.name = name
        person.save(update_fields=["name"])
    assert said("@王芳芳 请看").mentions == [long.pk]


def test_people_are_offered_by_a_piece_of_their_name(said: Any, story: Story, at_desk: Any) -> None:
    path = f"/{story.order.path}/people/"
    client = at_desk("buyer")
    assert "prod_mgr" not in str(client.get(path, {"q": "zzz"}).json())
    found = client.get(path, {"q": "prod_m"}).json()["people"]
    assert [one["id"] for one in found] == [story.factory.person("prod_mgr").pk]
    assert len(client.get(path).json()["people"]) == 8
    assert client.get(path, {"q": "\x00"}).status_code == 200


def test_of_a_document_that_few_may_see_only_those_are_offered(story: Story, at_desk: Any) -> None:
    story.effective()
    payment = story.order.payments.get()
    path = f"/{payment.path}/people/"
    finance = at_desk("finance")
    assert finance.get(path, {"q": "storekeeper"}).json()["people"] == []
    finance.post(f"/{payment.path}/comment/", {"text": "@storekeeper 到账"})
    assert told(story, "storekeeper") == []


def test_braces_in_names_and_texts_are_only_letters(said: Any, story: Story, at_desk: Any) -> None:
    buyer = story.factory.person("buyer")
    buyer.name = "{document} {0}"
    buyer.save(update_fields=["name"])
    said("@gm {text} {0}")
    assert told(story, "gm") == ["@gm {text} {0}"]
    title = Notice.objects.get(person=story.factory.person("gm"), event__verb="desk.comment").title
    assert "{document} {0}" in title
    assert str(story.order) in title


class TestByProgram:
    """The same through REST."""

    def test_a_remark_is_written_and_read(self, story: Story) -> None:
        story.received()
        caller = Caller(story.factory.person("buyer"))
        path = f"/api/v1/{story.order.path}/comments/"
        gm = story.factory.person("gm")
        made = caller.post(path, {"text": f"@{gm} 请批", "mentions": [gm.pk]})
        assert made.status_code == 201
        assert made.json()["mentions"] == [{"id": gm.pk, "name": str(gm)}]
        assert len(told(story, "gm")) == 1
        assert [row["text"] for row in caller.get(path).json()["results"]] == [f"@{gm} 请批"]
        by_number = f"/api/v1/orders/order/{story.order.number}/comments/"
        assert caller.get(by_number).json() == caller.get(path).json()

    @pytest.mark.rule("SYS-01")
    def test_a_repeated_request_says_it_once(self, story: Story) -> None:
        story.received()
        caller, path = Caller(story.factory.person("buyer")), f"/api/v1/{story.order.path}/comments/"
        first = caller.post(path, {"text": "一次"}, Idempotency_Key="k-1")
        again = caller.post(path, {"text": "一次"}, Idempotency_Key="k-1")
        assert again.status_code == 201
        assert again.json() == first.json()
        assert again["Idempotency-Replayed"] == "true"
        assert caller.post(path, {"text": "两次"}, Idempotency_Key="k-1").status_code == 422
        assert Comment.objects.count() == 1

    @pytest.mark.parametrize(
        "body",
        [
            {}, {"text": ""}, {"text": "  "}, {"text": 3}, {"text": None}, {"text": "x" * 2001},
            {"text": "a\x00b"}, {"text": "\ud800"}, {"text": "a", "mentions": "1"},
            {"text": "a", "mentions": [True]}, {"text": "a", "mentions": [10**40]}, {"text": "a", "more": 1},
            {"text": "a", "mentions": list(range(1, 40))},
        ],
    )  # fmt: skip
    def test_nonsense_is_told_by_field(self, story: Story, body: dict[str, Any]) -> None:
        story.received()
        caller = Caller(story.factory.person("buyer"))
        answer = caller.post(f"/api/v1/{story.order.path}/comments/", body)
        assert answer.status_code == 422
        assert answer.json()["errors"]
        assert not Comment.objects.exists()

    def test_a_stranger_finds_nothing(self, story: Story) -> None:
        story.received()
        caller, path = Caller(story.factory.stranger), f"/api/v1/{story.order.path}/comments/"
        assert caller.get(path).status_code == 404
        assert caller.post(path, {"text": "x"}).status_code == 404
        assert caller.get(f"/api/v1/orders/nothing/{story.order.public_id}/comments/").status_code == 404
