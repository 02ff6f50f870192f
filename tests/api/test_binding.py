"""What a page or a program sends, in the forms of an action: one shape of errors for both."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict

from flow import binding
from flow.actions import Action
from flow.binding import Bound
from flow.policy import Viewer
from flow.refusals import Invalid
from tests.goods import Factory
from tests.people import NINE

pytestmark = pytest.mark.django_db


@pytest.fixture
def receive(factory: Factory) -> Any:
    """Binds to the receiving of an order, as JSON or as a page."""
    action = Action.registry["orders.order.receive"]
    viewer = Viewer.of(factory.person("sales_clerk"), NINE)

    def bound(fields: Any, lines: Any = None, *, strict: bool = True) -> Bound:
        return binding.bind(action, viewer=viewer, at=NINE, fields=fields, lines=lines, strict=strict)

    return bound


HEAD = {"customer": "C001", "channel": "phone", "delivery_on": "2027-06-30"}
PAGE = (
    "customer=C001&channel=phone&delivery_on=2027-06-30&csrfmiddlewaretoken=x"
    "&lines-0-item=KYN28A-12&lines-0-quantity=2&lines-1-item=&lines-1-quantity=&lines-3-item=LZZBJ9-12"
    "&lines-3-quantity={}"
)


def posted(query: str) -> tuple[Any, Any]:
    return binding.from_post(Action.registry["orders.order.receive"], QueryDict(query), {})


def test_a_page_is_read_and_blank_rows_are_left_out(receive: Any) -> None:
    fields, lines = posted(PAGE.format("3"))
    bound = receive(fields, lines, strict=False)
    assert bound.ok, bound.errors
    assert [line["item"].code for line in bound.data["lines"]] == ["KYN28A-12", "LZZBJ9-12"]
    assert bound.rows == [0, 3]


def test_errors_keep_the_rows_as_they_were_typed(receive: Any) -> None:
    bound = receive(*posted(PAGE.format("zero")), strict=False)
    assert set(bound.errors["lines"]) == {"3"}
    assert bound.line_forms[1]["quantity"].value() == "zero"
    assert bound.line_forms[1]["quantity"].html_name == "lines-3-quantity"


def test_what_the_action_finds_stands_at_the_row_that_was_typed(receive: Any) -> None:
    bound = receive(*posted(PAGE.format("3")), strict=False)
    bound.add(Invalid({"customer": "C", "nowhere": "N", "lines": "L"}, lines={1: {"item": "I", "none": "X"}}))
    assert bound.errors == {
        "customer": ["C"],
        "__all__": ["N"],
        "lines": {"3": {"item": ["I"], "__all__": ["X"]}, "__all__": ["L"]},
    }


@pytest.mark.parametrize("lines", [{}, "x", 5, [1], ["x"], [None], [[]], [{}] * 1001])
def test_lines_are_a_list_of_objects(receive: Any, lines: Any) -> None:
    assert set(receive(HEAD, lines).errors) == {"lines"}


def test_lines_are_refused_where_there_are_none(factory: Factory) -> None:
    action = Action.registry["orders.order.cancel"]
    viewer = Viewer.of(factory.person("sales_clerk"), NINE)
    bound = binding.bind(action, viewer=viewer, at=NINE, fields={}, lines=[], strict=True)
    assert "__all__" in bound.errors["lines"]


def test_unknown_fields_are_refused_only_by_the_strict(receive: Any) -> None:
    row = {"item": "KYN28A-12", "quantity": 1}
    assert set(receive({**HEAD, "x": 1}, [row | {"y": 2}]).errors) == {"x", "lines"}
    assert receive(QueryDict("customer=C001&channel=phone&delivery_on=2027-06-30&x=1"), [], strict=False).ok


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("remark", 5), ("remark", True), ("is_project", "true"), ("is_project", 1), ("delivery_on", 20270630),
        ("delivery_on", "30.06.2027"), ("delivery_on", "06/30/2027"), ("channel", ["phone"]), ("channel", 1),
        ("happened_at", "yesterday"), ("happened_at", 0), ("customer", True), ("customer", 1.5),
        ("remark", "\ud800"),
    ],
)  # fmt: skip
def test_json_of_another_type_is_refused(receive: Any, name: str, value: Any) -> None:
    assert set(receive({**HEAD, name: value}, []).errors) == {name}


def test_numbers_come_as_numbers_or_texts(receive: Any) -> None:
    for quantity in (2, 2.0, "2", "2.000"):
        bound = receive(HEAD, [{"item": "KYN28A-12", "quantity": quantity}])
        assert bound.ok
        assert bound.data["lines"][0]["quantity"] == 2
