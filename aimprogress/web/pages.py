"""The four kinds of page. They parse, hand over and answer; rules live in services, models and filters.

    Page         shows something                         (guarded.py)
    ListPage     filters, order, keyset pages, export    (lists.py)
    DetailPage   one object in scope, with panels of the apps above
    ServicePage  a form, handed to a service             (forms that change data)
    ActionPage   one verb without a form: GET asks, POST does

Import all of them from here. Templates extend `base.html`; see `templates/base.html` for its blocks.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import models
from django.forms import BaseForm, ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView, TemplateView

from aimprogress.core.exceptions import Conflict
from aimprogress.web.guarded import Access, Guarded, OfRows, Page
from aimprogress.web.lists import Column, ListPage
from aimprogress.web.meanwhile import changed_meanwhile, say_version, show_both
from aimprogress.web.notices import notice, warn_of_words
from aimprogress.web.panels import panels_of

__all__ = ["Access", "ActionPage", "Column", "DetailPage", "Guarded", "ListPage", "Page", "ServicePage", "object_in_scope"]

NOT_PROCESSABLE = 422
CONFLICT = 409


def object_in_scope(queryset: models.QuerySet, **lookup: Any) -> Any:
    """The one object that `lookup` names among those the Actor sees. Raises Http404, also for values of a wrong kind."""
    try:
        return queryset.get(**lookup)
    except (queryset.model.DoesNotExist, ValidationError, ValueError):
        raise Http404 from None


class _OfOneObject(OfRows, Guarded):
    """The object that the url names by `pk`, found in the Actor's scope. `noun` is its name in templates and services."""

    noun: str = "object"
    object: Any = None

    def get_object(self) -> Any:
        return object_in_scope(self.get_queryset(), pk=self.kwargs["pk"])

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.object = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if refusal := self.refuse(request):
            return refusal
        if "pk" in kwargs and (self.model is not None or self.queryset is not None):
            self.object = self.get_object()
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        named = {"object": self.object, self.noun: self.object} if self.object is not None else {}
        return super().get_context_data(**named | kwargs)


class DetailPage(_OfOneObject, TemplateView):
    """One object in scope, as `object` and under its `noun`; 404 where it is not.

    `panels` in the template are the fragments that apps above contribute for this noun (web/panels.py); show them with
    `{% for panel in panels %}{{ panel }}{% endfor %}`.
    """

    def get_heading(self) -> str | Promise:
        return self.heading or str(self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(panels=self.get_panels(), **kwargs)

    def get_panels(self) -> list[SafeString]:
        return panels_of(self.noun, self.request, self.object)


class _CallsService(_OfOneObject):
    """What a page with a form and a page with a button have in common: they call one service.

    service            the function; the page's permission is the service's unless it names its own
    success_message    text, or override get_success_message(saved)
    success_url        text, or override get_success_url(); default: saved.get_absolute_url(), then the object's
    get_undo_url(saved)   address that the Undo button posts to, "" for none
    """

    service: Callable[..., Any] | None = None
    success_message: str | Promise = ""
    success_url: str = ""
    saved: Any = None
    _asks_its_service: bool = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """A page that names no permission asks for its service's: its own service's, not that of the page it inherits from."""
        super().__init_subclass__(**kwargs)
        if cls.__dict__.get("permission") is not None:
            cls._asks_its_service = False
        elif "service" in cls.__dict__ and (cls.permission is None or cls._asks_its_service):
            cls.permission, cls._asks_its_service = getattr(cls.service, "permission", None), True

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponse]:
        if cls.service is None:
            raise ImproperlyConfigured(f"{cls.__qualname__} needs a service.")
        return super().as_view(**initkwargs)

    def call_service(self, **arguments: Any) -> Any:
        """Call the service with the object of the url under its noun, and `arguments`."""
        if self.object is not None:
            arguments.setdefault(self.noun, self.object)
        return type(self).service(**arguments)

    def get_success_message(self, saved: Any) -> str | Promise:
        return self.success_message

    def get_undo_url(self, saved: Any) -> str:
        return ""

    def get_success_url(self) -> str:
        if self.success_url:
            return str(self.success_url)
        for thing in (self.saved, self.object):
            if hasattr(thing, "get_absolute_url"):
                return thing.get_absolute_url()
        raise ImproperlyConfigured(f"{type(self).__qualname__} needs a success_url.")

    def tell(self, saved: Any) -> None:
        if message := self.get_success_message(saved):
            notice(self.request, str(message), undo_url=self.get_undo_url(saved))


class ServicePage(_CallsService, FormView):
    """Show a form, hand its clean data to a service, answer with a page or a fragment.

    form_class, template_name (default forms/page.html), fragment (for htmx; default: a redirect by htmx), submit (the
    words on the button). With `model`, the url's `pk` is looked up in scope and given to the service under `noun`.
    `get_arguments(form)` turns clean data into the service's arguments. Errors answer 422, somebody else's change 409 with
    both values (web/meanwhile.py), and the typed text stays. `keeps_draft = True` adds "Keep as a draft" for long forms
    (web/drafts.py).
    """

    template_name = "forms/page.html"
    fragment: str = ""
    submit: str | Promise = _("Save")
    keeps_draft: bool = False

    def get_arguments(self, form: BaseForm) -> Mapping[str, Any]:
        return form.cleaned_data

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        if self.object is not None and issubclass(self.get_form_class(), ModelForm):
            kwargs["instance"] = self.object
        return kwargs

    def get_form(self, form_class: type[BaseForm] | None = None) -> BaseForm:
        form = super().get_form(form_class)
        say_version(form)
        return form

    def form_valid(self, form: BaseForm) -> HttpResponse:
        if changed_meanwhile(form):
            show_both(form)
            return self.form_invalid(form, status=CONFLICT)
        try:
            self.saved = self.call_service(**self.get_arguments(form))
        except ValidationError as error:
            return self.refuse_form(form, error, NOT_PROCESSABLE)
        except Conflict as error:
            return self.refuse_form(form, ValidationError(str(error), code="conflict"), CONFLICT)
        self.tell(self.saved)
        if self.sensitive:
            warn_of_words(self.request, form.cleaned_data.values())
        if self.request.htmx and self.fragment:
            return render(self.request, self.fragment, self.get_context_data(object=self.saved, form=form))
        return HttpResponseRedirect(self.get_success_url())

    def refuse_form(self, form: BaseForm, error: ValidationError, status: int) -> HttpResponse:
        """Show the form again with the service's errors beside their fields, or above all of them."""
        for field, errors in getattr(
            error, "error_dict", {None: error.error_list if not hasattr(error, "error_dict") else []}
        ).items():
            form.add_error(field if field in form.fields else None, errors)
        return self.form_invalid(form, status=status)

    def form_invalid(self, form: BaseForm, status: int = NOT_PROCESSABLE) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(submit=self.submit, keeps_draft=self.keeps_draft, **kwargs)


class ActionPage(_CallsService, TemplateView):
    """One verb without a form. GET shows what will happen and a button with the verb's name; POST does it.

    question (h1), explanation, verb (the button), danger (True: the button is red), back_url.
    """

    template_name = "components/confirm.html"
    question: str | Promise = ""
    explanation: str | Promise = ""
    verb: str | Promise = _("Do it")
    danger: bool = False

    def get_heading(self) -> str | Promise:
        return self.question or self.heading

    def get_arguments(self) -> Mapping[str, Any]:
        return {}

    def get_back_url(self) -> str:
        return self.object.get_absolute_url() if hasattr(self.object, "get_absolute_url") else "/"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            self.saved = self.call_service(**self.get_arguments())
        except ValidationError as error:
            return self.render_to_response(self.get_context_data(problems=error.messages), status=NOT_PROCESSABLE)
        except Conflict as error:
            return self.render_to_response(self.get_context_data(problems=[str(error)]), status=CONFLICT)
        self.tell(self.saved)
        return HttpResponseRedirect(self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        more = {"explanation": self.explanation, "verb": self.verb, "danger": self.danger, "back_url": self.get_back_url()}
        return super().get_context_data(**more | kwargs)
