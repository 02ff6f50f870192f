"""All settings of the house: each comes from the environment or has a default that is safe on one machine."""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from kombu import Exchange, Queue

from config.backoffice.theme import UNFOLD  # noqa: F401
from config.security import profiles, sso
from config.security.keys import kept_secret
from config.security.policy import CONTENT_SECURITY_POLICY  # noqa: F401

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent


# --- What kind of house this is -------------------------------------------------------------------
# PRODUCTION asks for all that must not be guessed; DEMO_MODE opens the door to invented people and orders.
PRODUCTION = env.bool("PRODUCTION", default=False)
DEMO_MODE = env.bool("DEMO_MODE", default=False)
DEBUG = env.bool("DEBUG", default=False)
# Lets managers move the house's clock ahead, to teach and to try the timed rules; never in production.
TRAINING_CLOCK = env.bool("TRAINING_CLOCK", default=DEMO_MODE)
TLS = env.bool("TLS", default=PRODUCTION)
if PRODUCTION and (DEMO_MODE or DEBUG or TRAINING_CLOCK):
    raise ImproperlyConfigured("PRODUCTION excludes DEMO_MODE, DEBUG and TRAINING_CLOCK.")

# Everything that must survive a restart lies in this one folder: database, files, broker, secret.
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var" / "data"))).resolve()
RUN_DIR = DATA_DIR / "run"

SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY and PRODUCTION:
    raise ImproperlyConfigured("SECRET_KEY must be set when PRODUCTION is on.")
SECRET_KEY = SECRET_KEY or kept_secret(DATA_DIR / "secret_key")
# Seals ranges of events; kept apart from SECRET_KEY so that the sessions' key may be changed.
EVENT_SEAL_KEY = env.str("EVENT_SEAL_KEY", default="") or kept_secret(DATA_DIR / "seal_key")
# Keys that sealed before and are needed to check old seals.
EVENT_SEAL_OLD_KEYS = env.list("EVENT_SEAL_OLD_KEYS", default=[])

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"])
if PRODUCTION and (not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS):
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts when PRODUCTION is on.")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# How telephones reach the house (https://erp.example.com), for the QR code on paper; else as it was asked.
PUBLIC_URL = env.str("PUBLIC_URL", default="")


# --- Apps, in the order of the flow, from the top -------------------------------------------------
OUR_APPS = [
    "config",
    "aftersales",
    "delivery",
    "warehouse",
    "quality",
    "procurement",
    "production",
    "review",
    "orders",
    "desk",
    "deadlines",
    "integration",
    "planning",
    "catalog",
    "flow",
    "org",
]
INSTALLED_APPS = [
    *OUR_APPS,
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "simple_history",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.language.spoken",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "config.security.sessions.bounded",
    "csp.middleware.CSPMiddleware",
    "config.csp_eased.eased",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "config.health.background",
            ]
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS += ["django.forms"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


# --- Database -------------------------------------------------------------------------------------
# Never ATOMIC_REQUESTS: with IMMEDIATE it would make a writer of every reader. Actions open transactions.
SQLITE = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000;",
}
POSTGRESQL = {"options": "-c lock_timeout=2000", "connect_timeout": 3}


def database() -> dict[str, Any]:
    """Returns the one database: what DATABASE_URL names, or a SQLite file in DATA_DIR."""
    url = env.str("DATABASE_URL", default="")
    if not url:
        DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        url = f"sqlite:///{DATA_DIR / 'database.sqlite3'}"
    found = env.db_url_config(url)
    if found["ENGINE"].endswith("sqlite3"):
        options = SQLITE
    elif found["ENGINE"].endswith("postgresql"):
        options = POSTGRESQL
    else:
        raise ImproperlyConfigured("DATABASE_URL must name SQLite or PostgreSQL.")
    found["OPTIONS"] = {**options, **found.get("OPTIONS", {})}
    return found | {"CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60), "CONN_HEALTH_CHECKS": True}


DATABASES = {"default": database()}
# Where pg_dump, pg_restore and psql are, if they are not found by themselves.
PG_BIN = env.str("PG_BIN", default="")


# --- People, sessions, passwords ------------------------------------------------------------------
# "standard", or "dengbao2": what GB/T 22239 asks at level 2.
SECURITY_PROFILE = env.str("SECURITY_PROFILE", default="standard")
if SECURITY_PROFILE not in profiles.PROFILES:
    raise ImproperlyConfigured(f"SECURITY_PROFILE must be one of {', '.join(profiles.PROFILES)}.")
SECURITY = profiles.profile(
    SECURITY_PROFILE,
    idle_minutes=env.int("SESSION_IDLE_MINUTES", default=0),
    session_hours=env.int("SESSION_HOURS", default=0),
)
# The posts whose holders must have a second factor (admin, gm, finance); everybody may have one.
MFA_ROLES = env.list("MFA_ROLES", default=[])
# The company's own log-in, by environment; allauth is loaded only then.
SSO = sso.configured(os.environ)
# Whether the company's log-in asks for a second factor itself, so that the house need not.
SSO_IS_STRONG = env.bool("SSO_IS_STRONG", default=False)
if SSO:
    INSTALLED_APPS += ["allauth", "allauth.account", "allauth.socialaccount"]
    INSTALLED_APPS += [f"allauth.socialaccount.providers.{name}" for name in SSO]
    MIDDLEWARE += ["config.security.sso_adapter.provider_away"]
    MIDDLEWARE += ["allauth.account.middleware.AccountMiddleware"]
    SOCIALACCOUNT_PROVIDERS = SSO
    SOCIALACCOUNT_ADAPTER = "config.security.sso_adapter.Adapter"
    # The policy of our pages lets no form lead to another house, so the button is a link.
    SOCIALACCOUNT_LOGIN_ON_GET = True
    ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if TLS else "http"
    ACCOUNT_EMAIL_VERIFICATION = "none"
AUTH_USER_MODEL = "org.Person"
# The second grants the admin to holders of the post of administrator; documents ask elsewhere.
AUTHENTICATION_BACKENDS = ["config.security.backend.PasswordBackend", "flow.authority.PostBackend"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "phone", "email")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": SECURITY.length},
    },
    {"NAME": "org.passwords.Predictable"},
    {"NAME": "org.passwords.Classes"},
    {"NAME": "org.passwords.Remembered"},
]
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = int(SECURITY.session.total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = TLS
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = TLS


# --- What a browser may do with our pages ---------------------------------------------------------
# With CONTENT_SECURITY_POLICY, imported above.
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = TLS and env.bool("TLS_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if TLS else 0
# Only then what a request says of its origin comes from our own proxy and counts.
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


# --- Language, time, files ------------------------------------------------------------------------
LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="zh-hans")
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
TIME_ZONE = env.str("TIME_ZONE", default="Asia/Shanghai")
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "var" / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"] if (BASE_DIR / "static").is_dir() else []
# The hashed names exist only after collectstatic; before it (tests, a first look) pages use the plain names.
COLLECTED = (STATIC_ROOT / "staticfiles.json").exists()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if COLLECTED or env.bool("COLLECTING", default=False)
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not COLLECTED
# Uploads lie outside every served folder; a view that knows the record hands them out.
MEDIA_ROOT = DATA_DIR / "files"
MEDIA_URL = ""
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000


# --- What leaves the house -----------------------------------------------------------------------
# Without a mail server the mails lie as files in DATA_DIR/mail, where a person can read them.
if env.str("EMAIL_URL", default=""):
    vars().update(env.email("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="order-cycle@localhost")
NOTICES_BY_MAIL = env.bool("NOTICES_BY_MAIL", default=False)
OUTBOX_THREADS = env.bool("OUTBOX_THREADS", default=True)
# Jobs are worked off by the job workers; else where the tick runs, and where somebody waits for one.
JOBS_APART = env.bool("JOBS_APART", default=True)
WEBHOOKS_TO_PRIVATE_ADDRESSES = env.bool("WEBHOOKS_TO_PRIVATE_ADDRESSES", default=False)


# --- REST -----------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "integration.authentication.ServiceTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.health.api_trouble",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Order cycle",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    # Our schema names its parts itself; guessed names of enums would change with every new state.
    "POSTPROCESSING_HOOKS": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}


# --- Broker and clockwork -------------------------------------------------------------------------
# Rows are the memory; Celery is a trigger and runs heavy jobs. A hung broker may cost a request 2 s at most.
BROKER_DIR = DATA_DIR / "broker"


def broker_socket() -> Path:
    """Returns where the embedded broker listens: in its folder, unless that path is too long for a socket."""
    usual = BROKER_DIR / "valkey.sock"
    if len(os.fsencode(usual)) < 100:
        return usual
    mark = hashlib.sha256(os.fsencode(DATA_DIR)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"order-cycle-{os.getuid()}-{mark}" / "valkey.sock"


BROKER_SOCKET = broker_socket()
REDIS_URL = env.str("REDIS_URL", default="")
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=REDIS_URL)
EMBEDDED_BROKER = not CELERY_BROKER_URL
CELERY_BROKER_URL = CELERY_BROKER_URL or f"redis+socket://{BROKER_SOCKET}"
if not CELERY_BROKER_URL.startswith(("redis://", "rediss://", "redis+socket://")):
    raise ImproperlyConfigured("CELERY_BROKER_URL must name a Redis or Valkey server.")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 2,
    "socket_connect_timeout": 1,
    "retry_on_timeout": False,
    "max_retries": 1,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
TICK_SECONDS = env.float("TICK_SECONDS", default=2.0)
CELERY_BEAT_SCHEDULE = {
    # A tick that waited longer than a few beats is worth nothing: the next one does its work.
    "tick": {
        "task": "config.tasks.tick",
        "schedule": TICK_SECONDS,
        "options": {"expires": 3 * TICK_SECONDS},
    },
}
# The schedule is this file; a scheduler that keeps its own on disk could find it torn after a kill.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
# Ticks have a queue and a worker of their own: a long job never holds up a deadline.
# Nothing is acknowledged: what a lost message would have set off stands in the rows, and a worker whose
# acknowledgement was cut off by a broker that hung would wait for it for good, alive and deaf.
CELERY_TASK_QUEUES = [
    Queue(name, Exchange(name), routing_key=name, no_ack=True) for name in ("clock", "jobs")
]
CELERY_TASK_DEFAULT_QUEUE = "jobs"
CELERY_TASK_ROUTES = {"config.tasks.tick": {"queue": "clock"}}


# A process that keeps dying is started again after ever longer waits, this long at most.
RESTART_WAIT_SECONDS = env.float("RESTART_WAIT_SECONDS", default=30.0)


# Who may read /metrics: the bearer of this token; without one this machine alone.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")


# --- Logs -----------------------------------------------------------------------------------------
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} [{process}] {message}", "style": "{"}},
    "handlers": {
        "stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "line"}
    },
    "root": {"handlers": ["stdout"], "level": LOG_LEVEL},
    # Django's own handlers would write each record a second time, and mail nobody.
    "loggers": {"django": {"handlers": [], "level": LOG_LEVEL, "propagate": True}},
}
