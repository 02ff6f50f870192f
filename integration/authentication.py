"""How a program says who it is: `Authorization: Token …`."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from integration import tokens
from integration.models import ServiceToken
from org import logins
from org.models import Person

KEYWORD = b"token"


class ServiceTokenAuthentication(BaseAuthentication):
    """Takes a service token; a revoked one, or one of a disabled person, opens nothing (P21)."""

    def authenticate(self, request: Request) -> tuple[Person, ServiceToken] | None:
        """The person and the token, or None when the request carries no token at all."""
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != KEYWORD:
            return None
        secret = words[1].decode("latin-1") if len(words) == 2 else ""
        token = tokens.find(secret)
        if token is None or not token.person.is_active:
            logins.token_refused(request, secret)
            raise AuthenticationFailed(_("This token opens nothing."))
        tokens.note_use(token, now=timezone.now())
        return token.person, token

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return 'Token realm="api"'


class ServiceTokenScheme(OpenApiAuthenticationExtension):
    """Describes the token to the API schema."""

    target_class = "integration.authentication.ServiceTokenAuthentication"
    name = "serviceToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """The header as OpenAPI has it."""
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token <secret>`, made by `manage.py token <username>`.",
        }
