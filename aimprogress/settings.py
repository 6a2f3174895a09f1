"""The one settings file. What differs between machines comes from environment.py."""

import hashlib
from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from .environment import database, read

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(read("DATA_DIR") or BASE_DIR / "var")
FILES_DIR = DATA_DIR / "files"

DEBUG = False
SECRET_KEY = read("SECRET_KEY") or "not-a-secret: only commands that sign nothing run without SECRET_KEY"
AUDIT_KEY = read("AUDIT_KEY") or hashlib.sha256(b"audit" + SECRET_KEY.encode()).hexdigest()
FIELD_KEYS = read("FIELD_KEYS")
ALLOWED_HOSTS = read("ALLOWED_HOSTS")
PLAIN_HTTP = read("PLAIN_HTTP")
DEMO = read("DEMO")
TRUSTED_PROXIES = read("TRUSTED_PROXIES")

INSTALLED_APPS = [
    "aimprogress",
    "aimprogress.core",
    "aimprogress.places",
    "aimprogress.jobs",
    "aimprogress.instruments",
    "aimprogress.exchange",
    "aimprogress.figures",
    "aimprogress.web",
    "aimprogress.api",
    "members",
    "suppliers",
    "humanitarian",
    "risks",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "django_htmx",
    "template_partials",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "aimprogress.web.compression.CompressPages",  # above WhiteNoise: style sheets too
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "members.access.ActorMiddleware",
    "members.access.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "aimprogress.urls"
WSGI_APPLICATION = "aimprogress.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "aimprogress.web.context.portal",
            ],
        },
    }
]
FORM_RENDERER = "aimprogress.web.forms.PortalRenderer"
FILTERS_EMPTY_CHOICE_LABEL = _("All")

# Three roles in the database: the owner migrates, the application owns nothing, backup only reads (house 5).
DATABASES = {
    "default": {
        **database(read("DATABASE_URL")),
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"MIRROR": "owner"},
    },
    "owner": database(read("MIGRATION_DATABASE_URL")),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"  # only for tables of libraries; ours have UUIDs

# Sessions and cache stand in PostgreSQL: with Redis dead people still sign in and check in (decisions 2.12).
SESSION_ENGINE = "django.contrib.sessions.backends.db"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "portal_cache"}}
REDIS_URL = read("REDIS_URL")

AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "members.adapters.InvitedOnly"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation has proved the address
ACCOUNT_CHANGE_EMAIL = False
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # a stranger's address gets no mail; the page says the same either way
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_FORMS = {
    "login": "members.forms.accounts.SignInForm",
    "change_password": "members.forms.passwords.ChangePasswordForm",
    "set_password": "members.forms.passwords.SetPasswordForm",
    "reset_password": "members.forms.passwords.ResetPasswordForm",
    "reset_password_from_key": "members.forms.passwords.ResetPasswordKeyForm",
    "reauthenticate": "members.forms.passwords.ReauthenticateForm",
}
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login_failed": False}  # axes guards credentials; allauth limits only what it mails
MFA_ADAPTER = "members.adapters.SecondFactors"
MFA_FORMS = {
    "authenticate": "members.forms.accounts.CodeForm",
    "reauthenticate": "members.forms.accounts.CodeAgainForm",
    "activate_totp": "members.forms.accounts.SetUpCodeForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Conflict support"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = PLAIN_HTTP
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # never by name alone: that would lock people out in a crisis
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_USERNAME_FORM_FIELD = "login"
AXES_CLIENT_IP_CALLABLE = "members.access.client_address"
AXES_LOCKOUT_CALLABLE = "members.views.sign_in.locked_out"
AXES_RESET_ON_SUCCESS = True
ACTOR_FOR_USER = "members.access.actor_for_requester"  # how the ground asks for a requester's current grants
ACTOR_FOR_KEY = "members.access.actor_for_key_id"  # the same for an API key that asked

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("uk", _("Ukrainian"))]
PHONE_LANGUAGES = [*LANGUAGES, ("pl", _("Polish")), ("ro", _("Romanian")), ("ru", _("Russian"))]  # of the pages under /c/
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["aimprogress.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Kyiv"
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(FILES_DIR)}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
# Security: strict, and the same everywhere. Over plain http on loopback only Secure and __Host- are dropped.
SESSION_COOKIE_NAME = "session" if PLAIN_HTTP else "__Host-session"
CSRF_COOKIE_NAME = "csrf" if PLAIN_HTTP else "__Host-csrf"
DEVICE_COOKIE_NAME = "device" if PLAIN_HTTP else "__Host-device"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not PLAIN_HTTP
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600  # absolute; idle times are members/access.py's
LANGUAGE_COOKIE_NAME = "lang"
SECURE_HSTS_SECONDS = 0 if PLAIN_HTTP else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not PLAIN_HTTP
SECURE_SSL_REDIRECT = False  # TLS ends at the proxy in front; it redirects
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"  # no other site learns an address; "no-referrer" makes browsers post with Origin: null
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
IDLE_MINUTES = 15
IDLE_MINUTES_STRICT = 5

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["aimprogress.api.authentication.ActorAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["aimprogress.api.permissions.NamedPermission"],
    "DEFAULT_RENDERER_CLASSES": ["aimprogress.api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["aimprogress.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "aimprogress.api.schema.PortalSchema",
    "EXCEPTION_HANDLER": "aimprogress.api.problems.problem_response",
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "ENFORCE_NON_BLANK_FIELDS": True,
    "TITLE": "Conflict support portal",
    "DESCRIPTION": "What a member granted, at the precision it granted, until it ends.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": ["aimprogress.api.schema.add_components"],
}

EMAIL_BACKEND = "aimprogress.core.mail_file.EmailBackend"
MAIL_FILE = DATA_DIR / "log" / "mail.log"
EMAIL_TIMEOUT = 10  # seconds: a mail server that hangs must not hold a request or a worker
if read("EMAIL_URL"):
    from urllib.parse import unquote, urlsplit

    _mail = urlsplit(read("EMAIL_URL"))
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _mail.hostname, _mail.port or 587
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
    EMAIL_USE_TLS = True
DEFAULT_FROM_EMAIL = read("MAIL_FROM")
SMS_URL = read("SMS_URL")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s %(message)s"}},
    "filters": {"waited_for": {"()": "aimprogress.web.logs.NotAboutReadiness"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["waited_for"]}},
    "root": {"handlers": ["console"], "level": read("LOG_LEVEL")},
    "loggers": {name: {"level": "ERROR"} for name in ("django.request", "axes", "weasyprint", "fontTools")},
}

# The numbers of domain.md appendix B that an operator may change. Each is read through aimprogress/figures/numbers.py.
PORTAL_NUMBERS: dict[str, object] = {}

SILENCED_SYSTEM_CHECKS = [
    "security.W008",  # the proxy redirects to https, see SECURE_SSL_REDIRECT
]
