"""The settings refuse to guess what production must be told."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHOW = (
    "from config import settings as s; print(s.SECRET_KEY, s.DATABASES['default']['ENGINE'], s.BROKER_SOCKET)"
)
COMPLETE = {"PRODUCTION": "1", "SECRET_KEY": "k" * 50, "ALLOWED_HOSTS": "erp.example"}


def show(data_dir: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Loads the settings in a process of its own that has only `env` around it."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=ROOT,
        env={**kept, "DATA_DIR": str(data_dir), **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_when_it_is_told_everything(tmp_path: Path) -> None:
    assert show(tmp_path, **COMPLETE).returncode == 0


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS"])
def test_production_refuses_to_start_without(tmp_path: Path, missing: str) -> None:
    env = {name: value for name, value in COMPLETE.items() if name != missing}
    refused = show(tmp_path, **env)
    assert refused.returncode != 0
    assert missing in refused.stderr


@pytest.mark.parametrize(
    "excess", [{"DEMO_MODE": "1"}, {"DEBUG": "1"}, {"TRAINING_CLOCK": "1"}, {"ALLOWED_HOSTS": "*"}]
)
def test_production_refuses_what_is_for_play(tmp_path: Path, excess: dict[str, str]) -> None:
    refused = show(tmp_path, **{**COMPLETE, **excess})
    assert refused.returncode != 0
    assert "ImproperlyConfigured" in refused.stderr


def test_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    first, second = show(tmp_path), show(tmp_path)
    assert first.stdout == second.stdout
    kept = tmp_path / "secret_key"
    assert len(kept.read_text()) >= 50
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_secret_of_two_houses_differs(tmp_path: Path) -> None:
    assert show(tmp_path / "a").stdout.split()[0] != show(tmp_path / "b").stdout.split()[0]


def test_no_other_database_than_the_two(tmp_path: Path) -> None:
    assert "SQLite or PostgreSQL" in show(tmp_path, DATABASE_URL="mysql://root@localhost/x").stderr


def test_broker_socket_is_short_enough_for_the_kernel(tmp_path: Path) -> None:
    deep = tmp_path / ("long" * 20) / ("long" * 20)
    assert len(show(deep).stdout.split()[2]) < 108
