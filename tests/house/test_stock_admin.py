"""The admin works without its theme too."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WANTED = (
    "tests/html/test_admin.py",
    "tests/integration/test_admin.py",
    "tests/backoffice/test_history.py",
)
# A run of its own has a folder and a database of its own.
INHERITED = ("TEST_FOLDER", "DATA_DIR", "DATABASE_URL", "PYTEST_XDIST_WORKER", "PYTEST_ADDOPTS")


def test_the_admin_needs_no_theme(request: pytest.FixtureRequest) -> None:
    options = ["--nomigrations"] if request.config.getoption("nomigrations") else []
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--ds=tests.stock_admin", *options, *WANTED]
    env = {name: value for name, value in os.environ.items() if name not in INHERITED}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
