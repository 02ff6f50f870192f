"""The apps stand in the order of the flow: imports and foreign keys point down."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from django.apps import apps

from tests.contracts.source import APPS, ROOT

HEIGHT = {app: len(APPS) - i for i, app in enumerate(APPS)}


def test_imports_point_down() -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_foreign_keys_point_down() -> None:
    """A lazy "app.Model" string hides from the import linter; the model registry does not."""
    guilty = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models()
        if model._meta.app_label in HEIGHT
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model
        if HEIGHT.get(field.related_model._meta.app_label, 0) > HEIGHT[model._meta.app_label]
    ]
    assert guilty == []
