"""The pages of the ground itself: the door, the statements, and the reader's own settings."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.web.context import home_path, languages, organisations_of
from aimprogress.web.pages import Access, Guarded, Page, ServicePage
from aimprogress.web.services import keep_settings


def language_choices() -> list[tuple[str, str]]:
    return [(language["code"], language["name"]) for language in languages()]


class Home(Guarded):
    """`/`: the first page of each role."""

    permission = Access.SIGNED_IN

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(home_path(self.actor))


class SwitchOrganisation(Guarded):
    """Act for another organisation from now on. Only one of the person's own grants is taken (members/access.py)."""

    permission = Access.SIGNED_IN
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        mine = {str(organisation.pk) for organisation in organisations_of(request.user)}
        if (chosen := request.POST.get("organisation", "")) not in mine:
            raise PermissionDenied
        request.session["organisation_id"] = chosen
        return HttpResponseRedirect("/")


class Accessibility(Page):
    permission = Access.PUBLIC
    heading = _("Accessibility")
    template_name = "web/accessibility.html"


class Keyboard(Page):
    permission = Access.PUBLIC
    heading = _("Keyboard shortcuts")
    template_name = "web/keyboard.html"


AS_DEVICE = "auto"


class SettingsForm(forms.Form):
    language = forms.ChoiceField(label=_("Language"), choices=language_choices, widget=forms.RadioSelect)
    theme = forms.ChoiceField(
        label=_("Theme"),
        choices=[(AS_DEVICE, _("As the device")), ("light", _("Light")), ("dark", _("Dark"))],
        widget=forms.RadioSelect,
    )


class Settings(ServicePage):
    """Language and theme of the reader."""

    service = keep_settings
    form_class = SettingsForm
    template_name = "web/settings.html"
    heading = _("Settings")
    success_message = _("Your settings are kept.")
    success_url = "/settings/"

    def get_initial(self) -> dict[str, Any]:
        user = self.request.user
        return {"language": getattr(user, "language", "") or get_language(), "theme": getattr(user, "theme", "") or AS_DEVICE}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(sees_account=self.actor.may(Permission.OWN_ACCOUNT_USE), **kwargs)

    def form_valid(self, form: forms.Form) -> HttpResponse:
        response = super().form_valid(form)
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")  # else the old choice would win
        return response

    def get_arguments(self, form: forms.Form) -> dict[str, str]:
        theme = form.cleaned_data["theme"]
        return {**form.cleaned_data, "theme": "" if theme == AS_DEVICE else theme}
