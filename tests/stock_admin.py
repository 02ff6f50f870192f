"""The house of the tests with Django's own admin in place of the theme."""

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS as THEMED

INSTALLED_APPS = [name for name in THEMED if name != "unfold"]
