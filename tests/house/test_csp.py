"""The content security policy is strict everywhere, and gives way only where it must."""

import pytest
from django.test import Client


def policy(client: Client, path: str) -> dict[str, str]:
    """The policy that comes with a page: what is allowed, by directive."""
    parts = client.get(path)["Content-Security-Policy"].split("; ")
    return dict(part.split(" ", 1) for part in parts)


@pytest.mark.parametrize("path", ["/healthz", "/login/", "/no-such-page/"])
def test_our_pages_run_no_inline_and_no_evaluated_script(db: None, client: Client, path: str) -> None:
    found = policy(client, path)
    assert "unsafe" not in found["script-src"]
    assert "unsafe" not in found["style-src"]


def test_admin_may_evaluate_but_not_run_inline(db: None, client: Client) -> None:
    scripts = policy(client, "/admin/login/")["script-src"]
    assert "'unsafe-eval'" in scripts
    assert "'unsafe-inline'" not in scripts


@pytest.mark.parametrize("path", ["/healthz", "/admin/login/", "/api/v1/docs/"])
def test_nobody_may_frame_us(db: None, client: Client, path: str) -> None:
    assert policy(client, path)["frame-ancestors"] == "'none'"
