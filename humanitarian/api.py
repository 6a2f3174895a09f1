"""The humanitarian app in the API: safety actions, the directory of partners, contributions."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.routers import SimpleRouter

from aimprogress.api.viewsets import ServiceViewSet
from aimprogress.core.permissions import Permission
from aimprogress.instruments.models import Assessment
from aimprogress.instruments.serializers import AnswerSerializer, TakesAnswers, answer_values
from humanitarian.asked import asked_instrument, with_answers
from humanitarian.filters import (
    AskedSiteFilterSet,
    AssessmentFilterSet,
    ContributionFilterSet,
    PartnerFilterSet,
    SafetyActionFilterSet,
    SupportMeasureFilterSet,
    WageReportFilterSet,
)
from humanitarian.models import Contribution, MoneyBand, PartnerOrganisation, SafetyAction, SupportMeasure, WageSupportReport
from humanitarian.rows import ACTION_ROWS, CHECK_ROWS, CONTRIBUTION_ROWS, DUE_CHECKLIST_ROWS, MEASURE_ROWS, PARTNER_ROWS, PAY_ROWS
from humanitarian.services import actions, aid, pay
from humanitarian.services.checks import SITE, answer_check, begin_check, site_instruments
from humanitarian.services.stopping import STOPPING, Owner, stop_work
from members.api import SiteStatusSerializer
from members.models import Organisation, Site


class SafetyActionSerializer(serializers.ModelSerializer):
    """Something to do so that people are safer: who (a role) and until when."""

    class Meta:
        model = SafetyAction
        fields = ["site", "title", "type", "owner_role", "due_on", "status", "blocked_by", "evidence", "effect"]

    def validate_site(self, site: Site) -> Site:
        """An action stays at its site; a body may repeat it."""
        if self.instance is not None and site.pk != self.instance.site_id:
            raise serializers.ValidationError(_("An action stays at its site. Cancel it here and open one there."))
        return site


class NewSafetyActionSerializer(SafetyActionSerializer):
    """A new one also says what it is about; that never changes."""

    origin = serializers.ChoiceField(choices=SafetyAction.Origin.choices, required=False, allow_blank=True)
    origin_id = serializers.UUIDField(required=False, allow_null=True)
    origin_key = serializers.CharField(required=False, allow_blank=True, max_length=40)

    class Meta(SafetyActionSerializer.Meta):
        fields = [*SafetyActionSerializer.Meta.fields, "origin", "origin_id", "origin_key"]


class SafetyActionViewSet(ServiceViewSet):
    """Safety actions. Outside the own organisation the title is not answered: it may name a place."""

    queryset = SafetyAction.objects.all()
    rows = ACTION_ROWS
    filterset_class = SafetyActionFilterSet
    serializer_class = NewSafetyActionSerializer
    change_serializer_class = SafetyActionSerializer
    permission = Permission.ACTION_READ
    noun = "action"
    create_service = actions.open_action
    change_service = actions.change_action
    ordering = ("due_on", "id")

    def change_arguments(self, clean: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in clean.items() if name != "site"}


class PartnerSerializer(serializers.ModelSerializer):
    class Meta:
        model = PartnerOrganisation
        fields = ["name", "short_name", "type", "identifier", "countries"]


class PartnerViewSet(ServiceViewSet):
    """The directory of partner organisations, the same for everybody."""

    queryset = PartnerOrganisation.objects.all()
    rows = PARTNER_ROWS
    filterset_class = PartnerFilterSet
    serializer_class = PartnerSerializer
    permission = Permission.PARTNER_READ
    create_service = aid.add_partner
    ordering = ("short_name", "id")


class ContributionSerializer(serializers.ModelSerializer):
    """What was promised and paid, in its own currency."""

    class Meta:
        model = Contribution
        fields = [
            "partner", "kind", "purpose", "country", "currency", "committed", "disbursed", "committed_on", "disbursed_on",
            "earmarking",
        ]  # fmt: skip


class ContributionViewSet(ServiceViewSet):
    """The member's own contributions."""

    queryset = Contribution.objects.all()
    rows = CONTRIBUTION_ROWS
    filterset_class = ContributionFilterSet
    serializer_class = ContributionSerializer
    permission = Permission.CONTRIBUTION_READ
    noun = "contribution"
    create_service = aid.record_contribution
    change_service = aid.change_contribution
    key_required = True  # money: a lost answer must not be paid twice
    ordering = ("-committed_on", "-id")

    def create_arguments(self, clean: dict[str, Any]) -> dict[str, Any]:
        return clean | {"organisation": Organisation.objects.get(pk=self.request.auth.organisation_id)}


class WageSupportReportSerializer(serializers.ModelSerializer):
    """What one contract group at a site was paid in a month. With `supersedes` it corrects an earlier report of the same."""

    total = serializers.ChoiceField(choices=MoneyBand.choices, required=False, allow_null=True)
    supersedes = serializers.PrimaryKeyRelatedField(queryset=WageSupportReport.objects.all(), required=False, allow_null=True)

    class Meta:
        model = WageSupportReport
        fields = [
            "site", "month", "group", "policy", "percent", "advance_months", "entitled", "paid_full", "paid_partial", "paid_none",
            "months_continued", "arrears_days", "channel_risk", "currency", "total", "source_type", "confidence", "supersedes",
            "reason",
        ]  # fmt: skip
        validators: list[Any] = []  # the service asks the model's constraints


class WageSupportReportViewSet(ServiceViewSet):
    """Pay of workers. A list holds what stands; `corrected=true` adds corrected reports. The total is never answered."""

    queryset = WageSupportReport.objects.all()
    rows = PAY_ROWS
    filterset_class = WageReportFilterSet
    serializer_class = WageSupportReportSerializer
    permission = Permission.PAY_READ
    noun = "report"
    create_service = pay.report_pay
    key_required = True  # money
    ordering = ("-month", "-id")

    def filtered(self, request: Request) -> QuerySet:
        found = super().filtered(request)
        return found.kept() if request.query_params.get("corrected") == "true" else found.standing()

    def create_arguments(self, clean: dict[str, Any]) -> dict[str, Any]:
        return clean


class SupportMeasureSerializer(serializers.ModelSerializer):
    """A measure for own people, and who may not use it and why."""

    spend = serializers.ChoiceField(choices=MoneyBand.choices, required=False, allow_null=True)

    class Meta:
        model = SupportMeasure
        fields = [
            "type", "layer", "country", "site", "starts_on", "ends_on", "for_own", "for_agency", "for_contractors",
            "excluded_because", "people_reached", "offered", "accepted", "returned", "partner", "spend", "currency", "effect",
            "effect_source",
        ]  # fmt: skip


class SupportMeasureViewSet(ServiceViewSet):
    """Measures for own people. The spend is never answered."""

    queryset = SupportMeasure.objects.all()
    rows = MEASURE_ROWS
    filterset_class = SupportMeasureFilterSet
    serializer_class = SupportMeasureSerializer
    permission = Permission.PAY_READ
    noun = "measure"
    create_service = pay.add_measure
    change_service = pay.change_measure
    ordering = ("-starts_on", "-id")

    def create_arguments(self, clean: dict[str, Any]) -> dict[str, Any]:
        return clean | {"organisation": Organisation.objects.get(pk=self.request.auth.organisation_id)}


class BeginCheckSerializer(serializers.ModelSerializer):
    """Which checklist of which site is begun anew. It is signed on its page: a key has no name to sign with."""

    instrument = serializers.ChoiceField(choices=[instrument.name for instrument in site_instruments()])

    class Meta:
        model = Assessment
        fields = ["site", "instrument"]
        extra_kwargs = {"site": {"required": True, "allow_null": False}}


class AssessmentViewSet(TakesAnswers, ServiceViewSet):
    """The checklists of sites: how many questions are met, which are not, what was signed; never a note."""

    queryset = Assessment.objects.filter(subject_type=SITE).exclude(site=None)
    rows = CHECK_ROWS
    filterset_class = AssessmentFilterSet
    permission = Permission.ASSESSMENT_READ
    noun = "check"
    ordering = ("-started_at", "-id")
    serializer_class = BeginCheckSerializer
    create_service = begin_check
    answer_service = answer_check


class DueChecklistViewSet(ServiceViewSet):
    """Open sites that are asked for a checklist: how it was answered last, and where it is due. Answered on its page."""

    queryset = Site.objects.all()
    rows = DUE_CHECKLIST_ROWS
    filterset_class = AskedSiteFilterSet
    permission = Permission.ASSESSMENT_READ
    noun = "site"

    def get_queryset(self) -> QuerySet:
        return with_answers(asked_instrument())


class OwnerSerializer(serializers.Serializer):
    """Who settles an open question: a role, never a name; and until when."""

    role = serializers.CharField(max_length=80)
    due_on = serializers.DateField()


class SiteStopSerializer(SiteStatusSerializer):
    """What the guided page asks: how and why work stops, the answers by question ("1" to "8"), an owner for each that is open."""

    answers = serializers.DictField(child=AnswerSerializer(), allow_empty=True, default=dict)
    owners = serializers.DictField(child=OwnerSerializer(), allow_empty=True, default=dict)

    class Meta(SiteStatusSerializer.Meta):
        fields = [
            "site", "operational", "reason", "control", "damage", "access", "utilities", "note", "observed_at", "source_type",
            "confidence", "told_by", "answers", "owners",
        ]  # fmt: skip
        extra_kwargs = {"reason": {"required": True, "allow_blank": False}}


class SiteStopViewSet(ServiceViewSet):
    """Sites that were suspended, closed or sold, and how many of the eight questions about the people are settled; never why."""

    rows = CHECK_ROWS
    filterset_class = AssessmentFilterSet
    permission = Permission.ASSESSMENT_READ
    ordering = ("-started_at", "-id")
    queryset = Assessment.objects.filter(subject_type=SITE, instrument=STOPPING).exclude(site=None)
    noun = "stop"
    serializer_class = SiteStopSerializer
    create_service = stop_work

    def create_arguments(self, clean: dict[str, Any]) -> dict[str, Any]:
        answers = answer_values(clean.pop("answers"))
        owners = {code: Owner(**owner) for code, owner in clean.pop("owners").items()}
        return clean | {"answers": answers, "owners": owners}


def register(router: SimpleRouter) -> None:
    """The nouns of this app."""
    router.register("safety-actions", SafetyActionViewSet, basename="safetyaction")
    router.register("partner-organisations", PartnerViewSet, basename="partnerorganisation")
    router.register("wage-support-reports", WageSupportReportViewSet, basename="wagesupportreport")
    router.register("support-measures", SupportMeasureViewSet, basename="supportmeasure")
    router.register("assessments", AssessmentViewSet, basename="assessment")
    router.register("due-checklists", DueChecklistViewSet, basename="duechecklist")
    router.register("site-stops", SiteStopViewSet, basename="sitestop")
    router.register("contributions", ContributionViewSet, basename="contribution")
