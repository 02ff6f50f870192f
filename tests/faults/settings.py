"""The settings of a house under fire: the real ones, and a receiver of webhooks on this machine is trusted."""

from config.settings import *  # noqa: F403

WEBHOOKS_TO_PRIVATE_ADDRESSES = True
