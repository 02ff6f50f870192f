"""The house's own settings, with the measurements' clocks beside it and mail for every notice."""

from config.settings import *  # noqa: F403
from config.settings import BASE_DIR, DATABASES, INSTALLED_APPS, env

INSTALLED_APPS = [*INSTALLED_APPS, "benchmarks"]
# Every notice also puts a mail into the outbox, so that a sweep writes all it can be asked to write.
NOTICES_BY_MAIL = True
if _replay := env.str("REPLAY_DATABASE_URL", default=""):
    # A twin of the database, in which the recorded statements are replayed.
    _found = env.db_url_config(_replay)
    _usual = DATABASES["default"]
    DATABASES["replay"] = {**_usual, **_found, "OPTIONS": {**_usual["OPTIONS"], **_found.get("OPTIONS", {})}}
if not (BASE_DIR / "org" / "migrations").is_dir():
    # Without migrations the tables are made from the models; all at once, since ours point at Django's.
    MIGRATION_MODULES = dict.fromkeys(name.rpartition(".")[2] for name in INSTALLED_APPS)
