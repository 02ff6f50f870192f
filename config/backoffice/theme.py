"""How the back office looks."""

from typing import Any

from django.utils.translation import gettext_lazy as _

# The back office wears the accent of the desk; 500 is read on dark ground, 600 on light (4.5:1 and more).
ACCENT = {
    "50": "#f3f6fd", "100": "#e9effb", "200": "#cfdcf7", "300": "#a9c0f3", "400": "#85a9ff", "500": "#6f95f0",
    "600": "#2557c7", "700": "#1f49a8", "800": "#1b3d89", "900": "#182f66", "950": "#111f44",
}  # fmt: skip
UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Order cycle: administration"),
    "SITE_HEADER": _("Order cycle: administration"),
    "SITE_SYMBOL": "tune",
    "BORDER_RADIUS": "6px",
    "COLORS": {"primary": ACCENT},
    "SIDEBAR": {"navigation": "config.backoffice.sidebar.navigation"},
}
