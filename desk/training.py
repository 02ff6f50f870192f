"""Moving the training clock."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from flow import clock
from flow.faces import Asking, face
from flow.refusals import Denied
from org.roles import Role

AHEAD = ("1", "4", "24")


@require_POST
@face
def move_clock(request: Asking) -> HttpResponse:
    """Move the training clock ahead; only where it is switched on, and by an administrator."""
    if not settings.TRAINING_CLOCK:
        raise Http404
    if Role.ADMIN not in request.viewer.roles:
        raise Denied(_("The training clock is moved by an administrator."), [Role.ADMIN])
    hours = request.POST.get("hours", "")
    if hours not in AHEAD:
        return HttpResponseBadRequest(_("The clock moves by one of the steps offered."))
    clock.advance(timedelta(hours=int(hours)))
    back = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(back if ours else "/")
