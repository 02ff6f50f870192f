"""The company's own log-in (OpenID Connect, DingTalk, Feishu): off unless the environment names it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

OIDC, DINGTALK, FEISHU = "openid_connect", "dingtalk", "feishu"
# The name of the OpenID provider in its address: /sso/oidc/company/login/.
OIDC_ID = "company"
NEEDED = {
    OIDC: ("OIDC_URL", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"),
    DINGTALK: ("DINGTALK_CLIENT_ID", "DINGTALK_CLIENT_SECRET"),
    FEISHU: ("FEISHU_CLIENT_ID", "FEISHU_CLIENT_SECRET"),
}
LABELS = {OIDC: _("Company account"), DINGTALK: _("DingTalk"), FEISHU: _("Feishu")}
PATHS = {OIDC: f"/sso/oidc/{OIDC_ID}/login/", DINGTALK: "/sso/dingtalk/login/", FEISHU: "/sso/feishu/login/"}
MOBILE = re.compile(r"1[3-9]\d{9}")


@dataclass(frozen=True)
class Door:
    """A button of the log-in page that leads to the company's log-in."""

    label: Any
    path: str


def configured(env: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The providers that the environment names, as allauth wants them; empty where it names none.

    Raises ImproperlyConfigured for one that is named by half.
    """
    found: dict[str, dict[str, Any]] = {}
    for provider, names in NEEDED.items():
        missing = [name for name in names if not env.get(name)]
        if missing and len(missing) < len(names):
            raise ImproperlyConfigured(
                f"The company's log-in is named by half: {', '.join(missing)} missing."
            )
        if not missing:
            found[provider] = _provider(provider, env)
    return found


def _provider(provider: str, env: Mapping[str, str]) -> dict[str, Any]:
    prefix = NEEDED[provider][-1].removesuffix("_CLIENT_SECRET")
    app: dict[str, Any] = {
        "client_id": env[f"{prefix}_CLIENT_ID"],
        "secret": env[f"{prefix}_CLIENT_SECRET"],
        "key": "",
    }
    if provider != OIDC:
        return {"APPS": [app]}
    app |= {
        "provider_id": OIDC_ID,
        "name": env.get("OIDC_NAME", ""),
        "settings": {"server_url": env["OIDC_URL"]},
    }
    return {"APPS": [app], "OAUTH_PKCE_ENABLED": True}


def doors(onward: str) -> list[Door]:
    """The buttons of the log-in page; `onward` is where the way leads afterwards."""
    query = f"?{urlencode({'next': onward})}" if onward else ""
    return [Door(_label(name), PATHS[name] + query) for name in settings.SSO]


def server_url() -> str:
    """Where the OpenID provider is; a dash where there is none."""
    if OIDC not in settings.SSO:
        return "-"
    return str(settings.SSO[OIDC]["APPS"][0]["settings"]["server_url"])


def _label(name: str) -> Any:
    (app,) = settings.SSO[name]["APPS"]
    return app.get("name") or LABELS[name]


def claims_of(provider: str, data: Mapping[str, Any]) -> dict[str, str]:
    """What may be believed of a person: `username`, `email`, `mobile`, as far as the provider vouches for it.

    OpenID Connect is the company's own and vouches for names and addresses, unless it says that an address
    was not verified. DingTalk and Feishu let people write their own e-mail address, so only the one of the
    enterprise counts, and the mobile number, which is what they log in with.
    """
    if provider == OIDC:
        data = data.get("userinfo") or data.get("id_token") or data
        email = "" if data.get("email_verified") is False else data.get("email")
        return _said(username=data.get("preferred_username"), email=email)
    email = data.get("enterprise_email") if provider == FEISHU else ""
    number = MOBILE.search(re.sub(r"[\s-]", "", str(data.get("mobile") or "")))
    return _said(email=email, mobile=number[0] if number else "")


def _said(**claims: Any) -> dict[str, str]:
    return {name: str(value).strip() for name, value in claims.items() if value and str(value).strip()}


def matches() -> dict[str, Callable[[str], dict[str, str]]]:
    """By which field of a person each claim is looked up, in this order."""
    return {
        "username": lambda value: {"username": value},
        "email": lambda value: {"email__iexact": value},
        "mobile": lambda value: {"phone__endswith": value},
    }
