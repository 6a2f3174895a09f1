"""Drafts of long forms: kept on the server for their author, never in the browser, and counted nowhere.

    class LogHeadCount(KeepsDraft, ServicePage):
        ...

adds the button "Keep as a draft", fills the form from the draft when the page is opened again, and forgets the draft
when the form is saved. Files are not kept.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext as _

from aimprogress.web.models import FormDraft
from aimprogress.web.notices import notice
from aimprogress.web.services import forget_draft, keep_draft

NOT_KEPT = ("csrfmiddlewaretoken", "do")


def draft_of(request: HttpRequest) -> FormDraft | None:
    """What the reader typed and has not sent, of the page that is asked for."""
    return FormDraft.objects.filter(user_id=request.actor.user_id, url=request.path).first()


def typed_before(request: HttpRequest) -> QueryDict | None:
    """The same as a form would post it."""
    draft = draft_of(request)
    return draft and _as_posted(draft)


def _as_posted(draft: FormDraft) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, texts in draft.content.items():
        data.setlist(name, texts)
    return data


class KeepsDraft:
    """Goes before ServicePage in the bases of a page with a long form."""

    keeps_draft = True
    request: HttpRequest

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("do") != "draft":
            return super().post(request, *args, **kwargs)
        typed = {name: texts for name, texts in request.POST.lists() if name not in NOT_KEPT}
        try:
            keep_draft(url=request.path, content=typed)
        except ValidationError as error:
            return self.refuse_form(self.get_form(), error, status=422)
        notice(request, _("Kept as a draft. It counts for nothing until you save it."))
        return HttpResponseRedirect(request.path)

    def draft(self) -> FormDraft | None:
        """The reader's own draft of this page."""
        return draft_of(self.request)

    def get_initial(self) -> dict[str, Any]:
        initial = super().get_initial()
        if self.request.method == "GET" and (draft := self.draft()):
            return initial | self.typed(draft)
        return initial

    def typed(self, draft: FormDraft) -> dict[str, Any]:
        """What the draft holds, each field as its own widget reads it."""
        data = _as_posted(draft)
        fields = self.get_form_class().base_fields
        return {name: field.widget.value_from_datadict(data, {}, name) for name, field in fields.items()}

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        if response.status_code < 400 and self.draft() is not None:
            forget_draft(url=self.request.path)
        return response
