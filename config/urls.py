"""Every address of the house."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path
from django.views.generic import RedirectView

from config.health import healthz
from config.metrics import metrics
from config.security.entrance import CodePage, LogInPage

# The company's own log-in, where the environment names one.
SSO = [path("sso/", include(f"allauth.socialaccount.providers.{name}.urls")) for name in settings.SSO]

urlpatterns = [
    *SSO,
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path("login/", LogInPage.as_view(), name="login"),
    path("login/code/", CodePage.as_view(), name="login-code"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("account/", include("config.security.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    # One way in and one way to a new password, with their limits, for the back office too.
    path("admin/login/", RedirectView.as_view(pattern_name="login", query_string=True), name="admin-login"),
    path(
        "admin/password_change/", RedirectView.as_view(pattern_name="account:password"), name="admin-password"
    ),
    path("admin/", include("config.backoffice.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("flow.api_urls")),
    path("notices/", include("integration.urls")),
    path("", include("desk.urls")),
]

handler500 = "config.health.trouble"
