"""What a password must be, when it must be changed, and by whom it was set."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from config import settings as house
from org import passwords
from org.models import PasswordSet, Person
from tests.security.conftest import PASSWORD

NEW = "Kranbahn+Weiche9"


def codes(password: str, person: Person | None = None) -> set[str]:
    """Why a password is refused."""
    try:
        validate_password(password, person)
    except ValidationError as refused:
        return {error.code or "" for error in refused.error_list}
    return set()


@pytest.mark.parametrize(
    "password",
    [
        *("Password2026!", "p@ssw0rd2026", "qwertyuiop12", "1qaz2wsx3edc", "20260302zhang", "!!admin2026!!"),
        *("13812345678zh", "woaini5201314", "Iloveyou-2026", "qwer1234asdf", "dianqi2026!!", "abcdefg12345"),
        "0987654321ab",
    ],
)
def test_what_everybody_thinks_of_is_refused(password: str) -> None:
    assert "password_predictable" in codes(password)


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        NEW,
        "柜门朝南开三次再关上",
        "correct horse battery",
        "x7#kQ9!m2Zp",
        "83a2947f61c0",
        "zhujiang-xia-yu",
    ],
)
def test_what_nobody_thinks_of_is_taken(password: str) -> None:
    assert codes(password) == set()


def test_short_endless_and_repeating_ones_are_refused() -> None:
    assert "password_too_short" in codes("K7-schien")
    assert codes("aZ9-" * 60) == {"password_too_long"}
    assert "password_repeats" in codes("abababababab")


def test_ones_own_name_number_or_address_is_refused(db: None) -> None:
    person = Person(username="zhang.wei", name="张伟", phone="0510-82761000", email="weizhang@example.com")
    for password in ("zhang.wei-2026", "weizhang@example", "0510-82761000x"):
        assert codes(password, person), password


def test_the_house_keeps_passwords_with_argon2() -> None:
    assert house.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")
    assert Argon2PasswordHasher.algorithm == "argon2"


def test_the_stricter_profile_asks_for_three_classes(dengbao: Any) -> None:
    assert "password_classes" in codes("kranbahn-weiche")
    assert codes(NEW) == set()


def test_without_the_stricter_profile_nothing_ages(lin: Person) -> None:
    assert not passwords.must_change(lin, now=timezone.now() + timedelta(days=4000))


def test_a_password_set_by_another_must_be_changed_first(
    lin: Person, come_in: Any, client: Client, dengbao: Any
) -> None:
    come_in("lin")
    assert client.get("/").headers["Location"] == "/account/password/"
    assert client.get("/api/v1/orders/order/").json()["errors"][0]["code"] == "owed"
    assert client.get("/admin/").headers["Location"] == "/account/password/"
    assert "somebody else set the present one" in client.get("/account/password/").content.decode()
    body = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert client.post("/account/password/", body).headers["Location"] == "/"
    assert client.get("/").status_code == 200


def test_what_an_administrator_sets_is_not_ones_own(lin: Person, dengbao: Any) -> None:
    lin.set_password(NEW)
    lin.save()
    passwords.chosen_by_self(lin)
    assert not passwords.must_change(lin, now=timezone.now())
    lin.set_password(PASSWORD)
    lin.save()
    assert passwords.must_change(lin, now=timezone.now())


def test_after_ninety_days_another_one_is_asked_for(lin: Person, dengbao: Any) -> None:
    row = PasswordSet.objects.create(person=lin, password=lin.password, own=True)
    row.refresh_from_db()
    assert not passwords.must_change(lin, now=row.at + timedelta(days=89))
    assert passwords.must_change(lin, now=row.at + timedelta(days=90))


def test_none_of_the_last_five_is_taken_again(lin: Person, dengbao: Any) -> None:
    for number in range(6):
        PasswordSet.objects.create(person=lin, password=make_password(f"Kranbahn+Weiche{number}"))
    assert codes("Kranbahn+Weiche0", lin) == set()
    for number in range(1, 6):
        assert codes(f"Kranbahn+Weiche{number}", lin) == {"password_remembered"}


def test_the_same_password_is_no_change(lin: Person, client: Client) -> None:
    client.force_login(lin)
    body = {"old_password": PASSWORD, "new_password1": PASSWORD, "new_password2": PASSWORD}
    assert "the password you have already" in client.post("/account/password/", body).content.decode()


def test_a_demo_house_asks_nobody(
    lin: Person, client: Client, come_in: Any, dengbao: Any, settings: Any
) -> None:
    settings.DEMO_MODE = True
    come_in("lin")
    assert client.get("/").status_code == 200
