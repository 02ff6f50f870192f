"""The company's own log-in: whom it lets in, and what is believed of whom it names."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.urls import resolve

from config.security import sso
from tests.database import copy_ready_made

ROOT = Path(__file__).resolve().parents[2]


def test_it_lets_in_whom_the_house_knows_and_nobody_else(tmp_path: Path, db: None) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the house of this walk stands on SQLite")
    (tmp_path / "data").mkdir(mode=0o700)
    copy_ready_made(str(tmp_path / "data" / "database.sqlite3"))
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.security.sso_settings", "DATABASE_URL": ""}
    env |= {"DATA_DIR": str(tmp_path / "data"), "OIDC_CLIENT_ID": "house", "OIDC_CLIENT_SECRET": "between us"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.security.sso_walk"],
        cwd=ROOT, env=env, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr[-4000:]
    assert done.stdout.count("walked") == 6


@pytest.mark.parametrize(
    ("provider", "data", "believed"),
    [
        (sso.OIDC, {"preferred_username": "lin", "email": " l@x.c "}, {"username": "lin", "email": "l@x.c"}),
        (sso.OIDC, {"userinfo": {"email": "l@x.com"}, "id_token": {"email": "other"}}, {"email": "l@x.com"}),
        (sso.OIDC, {"id_token": {"preferred_username": "lin"}}, {"username": "lin"}),
        (sso.OIDC, {"email": "l@x.com", "email_verified": False}, {}),
        # What people write themselves is not believed.
        (sso.DINGTALK, {"nick": "gm", "email": "gm@x.c", "mobile": "13812345678"}, {"mobile": "13812345678"}),
        (sso.FEISHU, {"name": "admin", "email": "gm@x.com"}, {}),
        (sso.FEISHU, {"enterprise_email": "l@x.com", "mobile": "+86 138-1234-5678"},
         {"email": "l@x.com", "mobile": "13812345678"}),
        (sso.DINGTALK, {"mobile": "0510-82761000"}, {}),
    ],
)  # fmt: skip
def test_what_is_believed_of_a_person(provider: str, data: dict[str, Any], believed: dict[str, str]) -> None:
    assert sso.claims_of(provider, data) == believed


def test_without_it_nothing_of_it_is_there(client: Any, db: None) -> None:
    assert resolve("/sso/oidc/company/login/").namespace == "desk"
    assert "/sso/" not in client.get("/login/").content.decode()
