"""The OpenAPI schema as text; `python -m tests.contracts.openapi` prints it."""

from __future__ import annotations

import os


def text() -> str:
    """The schema in YAML, in English."""
    from django.utils.translation import override
    from drf_spectacular.generators import SchemaGenerator
    from drf_spectacular.renderers import OpenApiYamlRenderer

    with override("en"):
        schema = SchemaGenerator().get_schema(request=None, public=True)
        return OpenApiYamlRenderer().render(schema, renderer_context={}).decode()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    print(text(), end="")
