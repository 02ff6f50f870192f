"""The set-up script says plainly what is missing."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# A Python of Debian without python3-venv: everything but ensurepip.
WITHOUT_ENSUREPIP = """#!/bin/sh
case "$*" in
    *"import ensurepip"*) exit 1 ;;
    *"-m venv"*) echo "reached venv" >&2; exit 1 ;;
    *version_info*) exit 0 ;;
    *hashlib*) echo mark ;;
esac
"""


def bootstrap(folder: Path, python: str) -> subprocess.CompletedProcess[str]:
    """Runs a copy of the script in an empty clone with the given stand-in for Python."""
    (folder / "bin").mkdir()
    (folder / "requirements").mkdir()
    shutil.copy(ROOT / "bin" / "bootstrap", folder / "bin")
    (folder / "requirements" / "base.txt").touch()
    fake = folder / "python"
    fake.write_text(python)
    fake.chmod(0o755)
    env = {**os.environ, "PYTHON": str(fake)}
    script = str(folder / "bin" / "bootstrap")
    return subprocess.run([script, "base"], env=env, capture_output=True, text=True, check=False)


def test_missing_ensurepip_is_named_with_its_remedy(tmp_path: Path) -> None:
    refused = bootstrap(tmp_path, WITHOUT_ENSUREPIP)
    assert refused.returncode == 1
    assert "python3-venv" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert "reached venv" not in refused.stderr


def test_lock_names_no_host_and_hashes_everything() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text()
        assert "://" not in text
        assert text.count("--hash=sha256:") >= text.count("==")
