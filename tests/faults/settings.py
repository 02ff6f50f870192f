"""The settings of a house under fire: the real ones, slowed down, trusting a receiver on this machine."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS as ALL_APPS

# For its handlers, see there.
INSTALLED_APPS = ["tests.faults", *ALL_APPS]
WEBHOOKS_TO_PRIVATE_ADDRESSES = True
