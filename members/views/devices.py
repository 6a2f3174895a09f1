"""Phones, for the coordinator: a link or QR code for one phone, hand-over, loss and leaving, each in two clicks."""

from base64 import b64encode
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import qrcode
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from qrcode.image.svg import SvgPathImage

from aimprogress.web.pages import ActionPage, ServicePage
from members.forms.devices import DeviceForm, InsideForm, LostForm
from members.models import Device, Organisation, Site
from members.services import devices as services
from members.services.accounts import Secret
from members.services.sites import allow_check_in_from_inside
from members.views.accounts import OfPeople


def qr_code(text: str) -> str:
    """A QR code as the address of an image, drawn here: no other machine learns the link."""
    drawn = BytesIO()
    qrcode.make(text, image_factory=SvgPathImage, box_size=10, border=3).save(drawn)
    return "data:image/svg+xml;base64," + b64encode(drawn.getvalue()).decode()


class OfPhones(OfPeople):
    """Pages about phones: of the own organisation only, also for an administrator, who sees no sites."""

    model = Device
    noun = "device"
    object: Device

    def get_queryset(self) -> QuerySet[Device]:
        return Device.objects.filter(organisation_id=self.actor.organisation_id).select_related("site").in_hand()

    def get_back_url(self) -> str:
        return reverse("members:people") + "#phones"

    def get_success_url(self) -> str:
        return self.get_back_url()

    def get_lead(self) -> str:
        return f"{self.object.alias} · {self.object.site}" if self.object else ""

    def show_code(self, made: Secret) -> HttpResponse:
        """The link and its QR code: shown by the answer to the form, once, and kept nowhere."""
        link = self.request.build_absolute_uri(reverse("members:enrol", args=[made.text]))
        context = self.get_context_data(
            device=made.row, link=link, qr=qr_code(link), heading=_("Show this code to the phone"), lead="",
            back_url=self.get_back_url(),
        )  # fmt: skip
        return render(self.request, "members/device_made.html", context)


class AddDevice(OfPhones, ServicePage):
    """A code for one phone."""

    model = None
    service = services.offer_device
    form_class = DeviceForm
    heading = _("Add a phone")
    submit = _("Show the code")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"organisation": Organisation.objects.get(pk=self.actor.organisation_id)}

    def form_valid(self, form: DeviceForm) -> HttpResponse:
        response = super().form_valid(form)
        return response if self.saved is None or response.status_code != 302 else self.show_code(self.saved)


class _ShowsCode(OfPhones, ActionPage):
    """One more press, and the code for another phone stands there."""

    verb = _("Show the code")

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().post(request, *args, **kwargs)
        return response if self.saved is None or response.status_code != 302 else self.show_code(self.saved)


class DeputyDevice(_ShowsCode):
    """A code for the deputy of who holds this phone."""

    service = services.offer_device
    standing = Device.Standing.DEPUTY
    question = _("Show a code for a deputy's phone?")
    explanation = _("For the same site. The code works once, for a day. This phone goes on as before.")

    def call_service(self, **arguments: Any) -> Secret:
        same = {"site": self.object.site, "language": self.object.language}
        return services.offer_device(**same, standing=self.standing, holder=self.get_holder())

    def get_holder(self) -> Any:
        return None


class SecondDevice(DeputyDevice):
    """A code for a second phone of the same person."""

    service = services.offer_device
    standing = Device.Standing.SECOND
    question = _("Show a code for a second phone?")
    explanation = _("For the same site and the same person. The code works once, for a day. This phone goes on as before.")

    def get_holder(self) -> Any:
        return self.object.holder


class HandOverDevice(_ShowsCode):
    """A code for the phone that takes over."""

    service = services.hand_over_device
    question = _("Hand this phone's work over?")
    explanation = _(
        "This phone works until the new one is enrolled. Let it send what it holds before that: at its next contact it deletes"
        " everything, also what is not sent."
    )


class LoseDevice(OfPhones, ServicePage):
    """A phone is lost or was taken."""

    service = services.end_device
    form_class = LostForm
    heading = _("Is this phone lost?")
    submit = _("End this phone now")
    success_message = _(
        "The phone has ended. At its next contact it deletes what it holds; a phone without a signal cannot be reached."
    )

    def get_arguments(self, form: LostForm) -> Mapping[str, Any]:
        return form.cleaned_data | {"why": Device.Ended.LOST}


class EndDevice(OfPhones, ActionPage):
    """Who holds this phone leaves, or it is not needed any more."""

    service = services.end_device
    question = _("End this phone?")
    explanation = _(
        "It can send nothing more. At its next contact it deletes everything it holds, also what is not sent. What it sent stays."
    )
    verb = _("End this phone now")
    danger = True
    success_message = _(
        "The phone has ended. At its next contact it deletes what it holds; a phone without a signal cannot be reached."
    )


class InsideCheckIn(ServicePage):
    """Switch check-in from inside a safety-profile site on, with a reason, or off."""

    service = allow_check_in_from_inside
    form_class = InsideForm
    queryset = Site.objects.filter(safety_profile=True)
    noun = "site"
    sensitive = True
    neutral = _("Site")
    section = "sites"
    who = "site"
    heading = _("Check-in from inside")
    submit = _("Save")
    success_message = _("Noted.")

    def get_lead(self) -> Any:
        return _("A phone found at this site can endanger who holds it. Without a reason nobody checks in from inside.")

    def get_initial(self) -> dict[str, Any]:
        return {"reason": self.object.inside_checkin_reason}

    def get_success_url(self) -> str:
        return reverse("members:site", args=[self.object.pk])
