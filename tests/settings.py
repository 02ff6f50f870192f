"""The settings of a test run: the house's own, in a folder of its own, with cheap passwords."""

import atexit
import os
import shutil
import tempfile

# Never the folder of a real house, whatever DATA_DIR says. Processes of a parallel run have one each, inside
# the folder that the first of them made and removes.
if "TEST_FOLDER" not in os.environ:
    os.environ["TEST_FOLDER"] = tempfile.mkdtemp(prefix="order-cycle-test-")
    atexit.register(shutil.rmtree, os.environ["TEST_FOLDER"], ignore_errors=True)
os.environ["DATA_DIR"] = os.path.join(
    os.environ["TEST_FOLDER"], os.environ.get("PYTEST_XDIST_WORKER", "main")
)
os.environ.setdefault("SECRET_KEY", "test")

from config.settings import *  # noqa: F403
from config.settings import DATA_DIR, DATABASES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
# Tests read the sentences of the source; those about Chinese ask for it.
LANGUAGE_CODE = "en"
CELERY_TASK_ALWAYS_EAGER = False
# The outbox is emptied where the test looks, not in threads that outlive it.
OUTBOX_THREADS = False
# Jobs are worked off where the test waits for them, not in workers.
JOBS_APART = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: tests with threads need real locks. No fsync: nobody cuts its power.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA busy_timeout=20000;"
    )
