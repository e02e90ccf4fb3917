"""Django's settings. Everything that differs between servers is read by `tilth.web.configuration`.

See OWASP ASVS 5.0 chapters 3 and 7 for the headers, cookies and sessions chosen here.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from tilth.web import configuration
from tilth.web.people.issuers import provider_settings, read_sign_in
from tilth.web.serving.logs import logging_settings

HERE = Path(__file__).parent
WORKSPACE = configuration.workspace_folder()
SIGNER = configuration.signer_socket()
PUBLIC_URL = os.environ.get("TILTH_PUBLIC_URL", "http://localhost:8000").rstrip("/")
SECURE = PUBLIC_URL.startswith("https://")
FILE_SETTINGS = configuration.file_settings(WORKSPACE)

DEBUG = False
SECRET_KEY = configuration.secret_key(WORKSPACE)
DATABASES: dict[str, Any] = {"default": configuration.database(WORKSPACE)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "tilth.web.urls"
WSGI_APPLICATION = "tilth.web.wsgi.application"
USE_TZ = True
TIME_ZONE = "UTC"
APPEND_SLASH = False

_host = PUBLIC_URL.split("://", 1)[1].split("/", 1)[0].rsplit(":", 1)[0]
ALLOWED_HOSTS = sorted({_host, "localhost", "127.0.0.1", "[::1]"})
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if SECURE else []
if SECURE:  # a proxy in front ends TLS and says so
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


def _area(name: str) -> str | None:
    return f"tilth.web.{name}" if (HERE / name / "urls.py").is_file() else None


_AREAS = (
    *("frame", "people", "rights", "jobs", "operation", "origins", "items", "ground", "inbox"),
    *("record", "find", "tasks", "quality", "importing", "papers", "findings", "office", "log"),
    *("api", "serving"),
)
AREAS = [area for name in _AREAS if (area := _area(name))]
"""Parts of the pages, in the order in which their addresses are tried."""

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "django_tasks",
    "django_tasks_db",
    *AREAS,
]

MIDDLEWARE = [
    "tilth.web.serving.request_log.RequestLog",
    "tilth.web.frame.headers.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "tilth.web.frame.reader_language.ReaderLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "tilth.web.people.middleware.People",
    "tilth.web.frame.refusals.Refusals",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tilth.web.frame.context.page",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
        },
    }
]

# -- language: the pages speak these; what is not translated stays English ----------------------
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("fr", _("French")),
    ("es", _("Spanish")),
    ("ru", _("Russian")),
    ("uk", _("Ukrainian")),
    ("ar", _("Arabic")),
    ("ko", _("Korean")),
]
LOCALE_PATHS = [HERE / "locale"]
LANGUAGE_COOKIE_NAME = "tilth_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = SECURE
LANGUAGE_COOKIE_HTTPONLY = True

# -- static files: one folder named by a hash of everything in it, so that each is kept for ever --
STATICFILES_DIRS = [HERE / "static"]
RELEASE = configuration.release_of([HERE / "static"])
STATIC_URL = f"/static/{RELEASE}/"
STATIC_ROOT = (WORKSPACE / "derived" / "static" / RELEASE) if WORKSPACE is not None else None
WHITENOISE_USE_FINDERS = STATIC_ROOT is None or not STATIC_ROOT.is_dir()
WHITENOISE_MAX_AGE = 31_536_000
WHITENOISE_MIMETYPES = {".mjs": "text/javascript", ".geojson": "application/geo+json"}


def WHITENOISE_IMMUTABLE_FILE_TEST(path: str, url: str) -> bool:
    """Every static file may be kept: its address changes with its bytes."""
    del path, url
    return True


# -- cookies and headers (ASVS 5.0 V3.3, V3.4) ---------------------------------------------------
_PREFIX = "__Host-" if SECURE else ""
SESSION_COOKIE_NAME = f"{_PREFIX}tilth_session"
SESSION_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_NAME = f"{_PREFIX}tilth_csrf"
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "tilth.web.frame.errors.csrf_failed"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
X_FRAME_OPTIONS = "DENY"

# -- limits of what is sent in (files go through their own, chunk by chunk) ----------------------
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

# -- people: docs/how-to/people-and-sign-in.md; OWASP ASVS 5.0 V6, V7 ----------------------------
SIGN_IN = read_sign_in(FILE_SETTINGS)
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "tilth.web.people.passwords.LengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "tilth.web.people.passwords.ForeseeableValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
ACCOUNT_ADAPTER = "tilth.web.people.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_CHANGE_EMAIL = False
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/m/ip,5/5m/key",
    "reauthenticate": "10/m/user",
}
MFA_ADAPTER = "tilth.web.people.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
SOCIALACCOUNT_ADAPTER = "tilth.web.people.adapters.IssuerAdapter"
SOCIALACCOUNT_PROVIDERS = provider_settings(SIGN_IN, WORKSPACE)
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_LOGIN_ON_GET = False
USERSESSIONS_ADAPTER = "tilth.web.people.adapters.SessionAdapter"
USERSESSIONS_TRACK_ACTIVITY = False
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("TILTH_PROXIES", "1" if SECURE else "0"))
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "people_limits",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

LOGGING: dict[str, Any] = logging_settings(os.environ.get("TILTH_LOG", "info"))
