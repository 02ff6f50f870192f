"""The page that shows how to add a document is true: its pieces, added to a copy of the project, work."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contracts.source import APPS, ROOT

PAGE = ROOT / "docs" / "adding-a-document.md"
# What a command of the copy must not hear of the run that started it: its database, its worker, its options.
OF_THIS_RUN = ("DATABASE_URL", "DATA_DIR", "TEST_FOLDER", "PYTEST_", "DJANGO_SETTINGS_MODULE", "PYTHONPATH")
BLOCK = re.compile(r"```python\n# (\S+)\n(.*?)```", re.DOTALL)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the project with the pieces of the page added."""
    for name in (*APPS, "tests", "templates", "static", "locale", "manage.py", "pyproject.toml"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    for name, code in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        with (tmp_path / name).open("a", encoding="utf-8") as file:
            file.write("\n" + code)
    return tmp_path


def run(copy: Path, *words: str) -> str:
    """What a command says in the copy, with a database and a folder that nobody else has."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(OF_THIS_RUN)}
    environment |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "TEST_FOLDER": str(copy / "data")}
    environment |= {"PYTHONPATH": str(copy)}
    done = subprocess.run(
        [sys.executable, *words], cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.mark.crawl
def test_the_page_is_true(copy: Path) -> None:
    assert len(BLOCK.findall(PAGE.read_text(encoding="utf-8"))) == 5, "four pieces and a test"
    assert "DefectRecord" in run(copy, "manage.py", "makemigrations", "quality")
    test = "tests/quality/test_defect_record.py"
    assert "3 passed" in run(copy, "-m", "pytest", "-q", "-p", "no:xdist", test)
    assert "defect_correction_8h" in run(copy, "manage.py", "wiring")
