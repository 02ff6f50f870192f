"""Every address of the house."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path

from config.demo.doors import Entrance
from config.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("login/", Entrance.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", include("config.backoffice.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("flow.api_urls")),
    path("notices/", include("integration.urls")),
    path("", include("desk.urls")),
]

handler500 = "config.health.trouble"
