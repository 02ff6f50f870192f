"""The settings of a house under fire: the real ones, slowed down, trusting a receiver on this machine."""

from config.settings import *  # noqa: F403
from config.settings import BASE_DIR
from config.settings import INSTALLED_APPS as ALL_APPS

# For its handlers, see there.
INSTALLED_APPS = ["tests.faults", *ALL_APPS]
WEBHOOKS_TO_PRIVATE_ADDRESSES = True
if not (BASE_DIR / "flow" / "migrations").is_dir():
    # Without migrations of our own those of others have no place among ours: all tables are made at once.
    MIGRATION_MODULES = {app.rpartition(".")[2]: None for app in INSTALLED_APPS}
