"""The ASGI door of the house, for those who must; gunicorn with threads is what we run and measure."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_asgi_application()
