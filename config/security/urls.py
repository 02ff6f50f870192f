"""Addresses of a person's own pages about coming in."""

from django.urls import path

from config.security import account

app_name = "account"
urlpatterns = [
    path("password/", account.PasswordPage.as_view(), name="password"),
    path("factor/", account.factor, name="factor"),
]
