"""An empty house has no account; its first administrator is made by hand, once, with a good password."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from org.models import Company, Person
from tests.security.conftest import PASSWORD


def test_the_first_administrator_is_made_once(
    db: None, client: Client, come_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not Person.objects.filter(is_active=True).exclude(password__startswith="!").exists()
    monkeypatch.setenv("ADMINISTRATOR_PASSWORD", "Password2026!")
    with pytest.raises(CommandError, match="well-known"):
        call_command("administrator", "chen")
    monkeypatch.setenv("ADMINISTRATOR_PASSWORD", PASSWORD)
    call_command("administrator", "chen", group="东海电气集团")
    assert Company.objects.get().name == "东海电气集团"
    come_in("chen")
    assert client.get("/admin/").status_code == 200
    assert client.get("/engine/").status_code == 200
    with pytest.raises(CommandError, match="has an administrator"):
        call_command("administrator", "other")


def test_a_name_that_is_taken_is_refused(hired: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    hired("chen")
    monkeypatch.setenv("ADMINISTRATOR_PASSWORD", PASSWORD)
    with pytest.raises(CommandError, match="already"):
        call_command("administrator", "chen")
