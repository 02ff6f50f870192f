"""Cells are read as people write them: labels, 是, 2026/3/5, names; what means nothing brings a hint."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.utils.translation import override

from catalog.models import Customer, Item
from desk.imports import cells
from desk.imports.cells import Unfit
from flow.forms import ReferenceField
from orders.models import Order
from tests.goods import Factory

CHANNEL = forms.ChoiceField(choices=Order.Channel.choices)


def cleaned(wanted: forms.Field, text: str) -> Any:
    return wanted.clean(cells.spoken(wanted, text))


@pytest.mark.parametrize("text", ["phone", "Phone", "PHONE"])
def test_a_choice_is_its_value_or_its_label(text: str) -> None:
    assert cells.spoken(CHANNEL, text) == "phone"


def test_a_label_is_known_in_the_language_of_who_reads() -> None:
    with override("zh-hans"):
        assert cells.spoken(CHANNEL, "电话") == "phone"


def test_a_word_that_is_no_choice_brings_those_that_are_near() -> None:
    with pytest.raises(Unfit) as unfit:
        cells.spoken(CHANNEL, "Phoen")
    assert unfit.value.hint == "Phone"
    with pytest.raises(Unfit) as unfit:
        cells.spoken(CHANNEL, "zzz")
    assert "E-mail" in unfit.value.hint


def test_groups_of_choices_are_opened() -> None:
    grouped = forms.ChoiceField(choices=[("", "—"), ("Group", [("a", "Apple"), ("b", "Pear")])])
    assert cells.spoken(grouped, "pear") == "b"
    assert cells.hint_of(grouped) == "Apple / Pear"


@pytest.mark.parametrize("text", ["a、b", "a, b", "Apple；Pear", "a;b"])
def test_several_choices_stand_in_one_cell(text: str) -> None:
    several = forms.MultipleChoiceField(choices=[("a", "Apple"), ("b", "Pear")])
    assert cells.spoken(several, text) == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "meant"), [("是", True), ("YES", True), ("1", True), ("√", True), ("否", False), ("no", False)]
)
def test_yes_and_no_are_understood(text: str, meant: bool) -> None:
    assert cleaned(forms.BooleanField(required=False), text) is meant


def test_perhaps_is_neither_yes_nor_no() -> None:
    with pytest.raises(Unfit):
        cells.spoken(forms.BooleanField(), "perhaps")


@pytest.mark.parametrize(
    "text", ["2026-03-05", "2026/3/5", "2026.3.5", "2026年3月5日", "20260305", "2026 - 03 - 05"]
)
def test_days_are_understood(text: str) -> None:
    assert cleaned(forms.DateField(), text) == date(2026, 3, 5)


def test_a_moment_keeps_its_time() -> None:
    assert cells.spoken(forms.DateTimeField(), "2026/3/5 14:42") == "2026-03-05 14:42"


@pytest.mark.parametrize("text", ["五月", "2026-13-45", "5"])
def test_what_is_no_day_is_left_to_the_form(text: str) -> None:
    with pytest.raises(forms.ValidationError):
        cleaned(forms.DateField(), text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [("1,234.50", "1234.50"), ("¥ 38,000", "38000"), ("１２", "12"), ("-5", "-5"), ("1,23", "1,23")],
)
def test_numbers_lose_their_commas_and_signs(text: str, meant: str) -> None:
    assert cells.spoken(forms.DecimalField(), text) == meant


def test_a_number_stays_exact() -> None:
    assert cleaned(forms.DecimalField(max_digits=18, decimal_places=6), "0.100001") == Decimal("0.100001")


def test_text_stays_as_it_is() -> None:
    assert cells.spoken(forms.CharField(), "  1,234 是 ") == "  1,234 是 "


@pytest.mark.django_db
def test_another_row_is_its_code_its_name_or_both(factory: Factory) -> None:
    items = ReferenceField(Item)
    for text in ("VS1-12", "真空断路器", "VS1-12 真空断路器"):
        assert items.clean(cells.spoken(items, text)) == factory.breaker
    with pytest.raises(Unfit) as unfit:
        cells.spoken(items, "VS1-1")
    assert str(unfit.value.hint) == "Do you mean VS1-12?"


@pytest.mark.django_db
def test_a_name_that_two_have_names_neither(factory: Factory) -> None:
    Customer.objects.create(code="C002", name=factory.customer.name)
    with pytest.raises(Unfit):
        cells.spoken(ReferenceField(Customer), factory.customer.name)


@pytest.mark.django_db
def test_a_code_goes_before_a_name(factory: Factory) -> None:
    other = Customer.objects.create(code=factory.customer.name[:4], name="x")
    Customer.objects.create(code="C003", name=other.code)
    wanted = ReferenceField(Customer)
    assert wanted.clean(cells.spoken(wanted, other.code)) == other


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (forms.BooleanField(), "yes or no"),
        (forms.DateField(), "a day such as 2026-03-31"),
        (forms.DateTimeField(), "a moment such as 2026-03-31 09:00"),
        (forms.IntegerField(), "a number"),
        (forms.CharField(help_text="as on the paper"), "as on the paper"),
        (None, ""),
    ],
)
def test_a_template_says_what_stands_in_a_column(wanted: forms.Field | None, said: str) -> None:
    assert str(cells.hint_of(wanted)) == said
