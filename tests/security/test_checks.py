"""A house in earnest refuses an unsafe start: one sentence for each fault."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management.base import CommandError
from django.db import connection

from config.demo.house import PASSWORD
from config.security import checks, sso
from org.models import Person

ROOT = Path(__file__).resolve().parents[2]
KEY = "q7Zt2mVx9KpL4sRwB8nJc5HyFd3GuEa6"
FILES = "django.core.mail.backends.filebased.EmailBackend"
OIDC = {"OIDC_URL": "http://idp.example.com", "OIDC_CLIENT_ID": "house", "OIDC_CLIENT_SECRET": "s"}


@pytest.fixture
def earnest(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None) -> Any:
    """The settings of a house in earnest with nothing to complain of."""
    tmp_path.chmod(0o700)
    safe = {
        "PRODUCTION": True,
        "SECRET_KEY": KEY + "secret keys",
        "EVENT_SEAL_KEY": KEY + "seals of events",
        "ALLOWED_HOSTS": [".example.com", "localhost"],
        "PUBLIC_URL": "https://erp.example.com",
        "TLS": True,
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
        "DATA_DIR": tmp_path,
        "DEMO_MODE": False,
        "TRAINING_CLOCK": False,
        "SSO": {},
    }
    for name, value in safe.items():
        setattr(settings, name, value)
    database = {**settings.DATABASES["default"], "HOST": "", "PASSWORD": "p"}
    monkeypatch.setitem(settings.DATABASES, "default", database)
    monkeypatch.delenv("EVENT_SEAL_KEY", raising=False)
    return settings


def found() -> list[str]:
    """The names of what is complained of."""
    return [name for name, _sentence in checks.faults()]


def test_a_safe_house_starts(earnest: Any) -> None:
    assert checks.faults() == []
    checks.refuse_unsafe_start(host="0.0.0.0")
    assert checks.deployed() == []


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("debug", {"DEBUG": True}),
        ("demo", {"DEMO_MODE": True}),
        ("demo", {"TRAINING_CLOCK": True}),
        ("weak_secret_key", {"SECRET_KEY": "short"}),
        ("weak_secret_key", {"SECRET_KEY": "a" * 60}),
        ("weak_secret_key", {"SECRET_KEY": "django-insecure-" + KEY + KEY}),
        ("weak_secret_key", {"SECRET_KEY": "change-me-" + KEY + KEY}),
        ("weak_event_seal_key", {"EVENT_SEAL_KEY": ""}),
        ("same_key", {"EVENT_SEAL_KEY": KEY + "secret keys"}),
        ("hosts", {"ALLOWED_HOSTS": ["*"], "PUBLIC_URL": "https://*"}),
        ("public_url", {"PUBLIC_URL": ""}),
        ("public_url", {"PUBLIC_URL": "http://erp.example.com"}),
        ("public_host", {"PUBLIC_URL": "https://erp.elsewhere.com"}),
        ("origins", {"CSRF_TRUSTED_ORIGINS": ["https://*.com"]}),
        ("origins", {"CSRF_TRUSTED_ORIGINS": ["http://erp.example.com"]}),
        ("tls", {"SESSION_COOKIE_SECURE": False}),
        ("tls", {"TLS": False}),
        ("mail", {"NOTICES_BY_MAIL": True, "EMAIL_BACKEND": FILES}),
        ("hasher", {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]}),
        ("broker_password", {"CELERY_BROKER_URL": "redis://redis.example.com:6379/0"}),
        ("oidc", {"SSO": sso.configured(OIDC)}),
    ],
    ids=str,
)  # fmt: skip
def test_each_fault_is_one_sentence(earnest: Any, name: str, fault: dict[str, Any]) -> None:
    for setting, value in fault.items():
        setattr(earnest, setting, value)
    assert found() == [name]
    with pytest.raises(CommandError) as refused:
        checks.refuse_unsafe_start()
    assert len(str(refused.value).splitlines()) == 2
    assert [error.id for error in checks.deployed()] == [f"house.{name}"]


def test_several_machines_need_one_database_and_one_key_for_seals(
    earnest: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    earnest.EMBEDDED_BROKER = False
    earnest.CELERY_BROKER_URL = "redis://:secret@redis:6379/0"
    expected = {"seal_key"} | ({"sqlite"} if connection.vendor == "sqlite" else set())
    assert set(found()) == expected
    monkeypatch.setenv("EVENT_SEAL_KEY", "set")
    assert set(found()) == expected - {"seal_key"}


def test_a_broker_on_this_machine_needs_no_password(earnest: Any) -> None:
    earnest.CELERY_BROKER_URL = "redis://127.0.0.1:6379/0"
    assert found() == []


def test_a_database_elsewhere_needs_a_password(earnest: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(earnest.DATABASES["default"], "HOST", "db.example.com")
    monkeypatch.setitem(earnest.DATABASES["default"], "PASSWORD", "")
    assert found() == (["database_password"] if connection.vendor == "postgresql" else [])


@pytest.mark.parametrize(
    ("what", "mode", "good"), [(".", 0o750, True), (".", 0o755, False), ("a_key", 0o640, False)]
)
def test_strangers_do_not_read_the_data(earnest: Any, what: str, mode: int, good: bool) -> None:
    path = Path(earnest.DATA_DIR) / what
    if what != ".":
        path.touch()
    path.chmod(mode)
    assert found() == ([] if good else ["open_files"])


def test_people_of_the_demo_are_not_taken_along(earnest: Any) -> None:
    Person.objects.create_user("buyer", password="Kranbahn+Weiche9")
    assert found() == []
    earnest.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.Argon2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    person = Person.objects.create_user("inspector", password=PASSWORD)
    assert found() == ["demo_people"]
    person.is_active = False
    person.save()
    assert found() == []


def test_an_open_house_is_a_demo_or_in_earnest(settings: Any) -> None:
    settings.PRODUCTION, settings.DEMO_MODE = False, False
    checks.refuse_unsafe_start(host="127.0.0.1")
    with pytest.raises(CommandError, match="PRODUCTION=1"):
        checks.refuse_unsafe_start(host="0.0.0.0")
    settings.DEMO_MODE = True
    checks.refuse_unsafe_start(host="0.0.0.0")


@pytest.mark.parametrize(
    "command",
    [["manage.py", "prepare"], ["manage.py", "serve"], ["-m", "gunicorn", "-c", "python:config.gunicorn"]],
    ids=lambda command: command[-1].rpartition(":")[2],
)
def test_every_way_to_start_refuses(command: list[str], tmp_path: Path) -> None:
    env = {**os.environ, "DATA_DIR": str(tmp_path / "data"), "PRODUCTION": "1", "DATABASE_URL": ""}
    env |= {"ALLOWED_HOSTS": "erp.example.com", "DJANGO_SETTINGS_MODULE": "config.settings", "PORT": "0"}
    env |= {"STATIC_ROOT": str(tmp_path / "static"), "DEMO_MODE": "0", "SECRET_KEY": KEY + "secret keys"}
    argv = [sys.executable, *command]
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode != 0
    assert "PUBLIC_URL" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("env", "names"),
    [
        ({}, []),
        (OIDC, ["openid_connect"]),
        ({"DINGTALK_CLIENT_ID": "a", "DINGTALK_CLIENT_SECRET": "b"}, ["dingtalk"]),
        ({"FEISHU_CLIENT_ID": "a", "FEISHU_CLIENT_SECRET": "b"}, ["feishu"]),
    ],
)
def test_the_company_log_in_is_off_unless_named(env: dict[str, str], names: list[str]) -> None:
    assert list(sso.configured(env)) == names


def test_a_half_named_company_log_in_is_refused() -> None:
    with pytest.raises(Exception, match="OIDC_CLIENT_SECRET"):
        sso.configured({"OIDC_URL": "https://a", "OIDC_CLIENT_ID": "b"})


@pytest.mark.parametrize(("profile", "fine"), [("dengbao2", True), ("strictest", False)])
def test_an_unknown_profile_is_refused(profile: str, fine: bool, tmp_path: Path) -> None:
    env = {**os.environ, "SECURITY_PROFILE": profile, "DATA_DIR": str(tmp_path)}
    said = "from config import settings as s; print(s.SECURITY.name, s.SESSION_COOKIE_AGE)"
    show = [sys.executable, "-c", said]
    done = subprocess.run(show, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == fine
    assert "dengbao2 36000" in done.stdout if fine else "SECURITY_PROFILE must be one of" in done.stderr
