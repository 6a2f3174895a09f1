"""One of everything, twice: two members whose rows carry names of their own, and one person of each role."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.files import store_file
from aimprogress.core.permissions import Role
from members.access import actor_for_user
from members.models import MemberAnalyst, Organisation, Site, User
from tests.factories import a_head_count, a_site, a_status, a_user, an_area, an_organisation, the_secretariat
from tests.members.plan_samples import a_communication_plan, an_evacuation_plan
from tests.signing import signed_in

ANONYMOUS = "nobody"


@dataclass(frozen=True)
class Url:
    """One address of the resolver."""

    name: str
    route: str
    callback: Any

    @property
    def view(self) -> Any:
        """The class that names the permission, or the bare function."""
        return getattr(self.callback, "view_class", None) or getattr(self.callback, "cls", None) or self.callback

    @property
    def actions(self) -> dict[str, str]:
        """Method -> action, for a viewset."""
        return getattr(self.callback, "actions", None) or {}


def every_url(patterns: list[Any] | None = None, route: str = "", names: tuple[str, ...] = ()) -> Iterator[Url]:
    """Every address that the portal answers, by its full name."""
    for pattern in get_resolver("aimprogress.urls").url_patterns if patterns is None else patterns:
        path = f"{route}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from every_url(pattern.url_patterns, path, (*names, *filter(None, [pattern.namespace])))
        elif isinstance(pattern, URLPattern):
            yield Url(":".join((*names, pattern.name or "(no name)")), path, pattern.callback)


@dataclass
class Member:
    """A member with one row of every noun. `arguments` are the url arguments by url name; `mark` stands in all its texts."""

    organisation: Organisation
    mark: str
    site: Site
    users: dict[Role, User]
    things: dict[str, Any] = field(default_factory=dict)

    def arguments(self, name: str) -> dict[str, Any]:
        """What `reverse(name)` needs to reach this member's own row."""
        for prefix, thing in THING_OF.items():
            if name == prefix:
                return {"pk": self.things[thing].pk}
        if name == "members:guidance_mark":
            return {"pk": self.site.pk, "code": "shelter-dovidka"}
        if name in ("members:check_in", "members:check_in_sent", "members:check_in_undo"):
            code = {"code": self.site.checkin_code}
            return code if name == "members:check_in" else code | {"pk": self.things["check_in"].pk}
        if name == "humanitarian:check_begin":
            return {"pk": self.site.pk, "instrument": "winterisation"}
        return OTHER_ARGUMENTS.get(name, {})

    @property
    def secrets(self) -> list[str]:
        """What another member must never read: the mark, the name, and every id."""
        return [self.mark, self.organisation.short_name, str(self.site.pk), *(str(thing.pk) for thing in self.things.values())]


OTHER_ARGUMENTS = {
    "exchange:upload": {"target": "sites"}, "exchange:try_sample": {"target": "sites"}, "exchange:sample": {"target": "sites"},
    "exchange:to_fill_in": {"target": "head_counts"},
    "exports:request": {"noun": "sites"}, "members:invitation": {"secret": "unknown"}, "members:enrol": {"secret": "unknown"},
    "members:phone_file": {"name": "app.js"},
    "account_reset_password_from_key": {"uidb36": "a", "key": "b"}, "mfa_edit_webauthn": {"pk": 1},
    "mfa_remove_webauthn": {"pk": 1},
    "members:guidance_item": {"code": "shelter-dovidka"}, "api:guidance-detail": {"code": "shelter-dovidka"},
}  # fmt: skip
_BY_THING = {
    "site": "members:site members:site_change members:status_log members:head_count_log members:hazard_report members:alert_level"
    " members:roll_call_open members:site_plans members:plan_activate members:drill_log members:evacuation_plan_start"
    " members:communication_plan_start members:site_call members:site_hand_over"
    " members:site_inside members:site_guidance humanitarian:checks humanitarian:stop_work api:site-detail"
    " api:duechecklist-detail",
    "guidance_mark": "api:guidancemark-detail",
    "bulletin": "members:bulletin members:bulletin_confirm members:bulletin_withdraw api:bulletin-detail api:bulletin-withdraw",
    "receipt": "api:bulletinreceipt-detail",
    "case": "members:case members:case_write members:case_handle members:case_close api:supportcase-detail"
    " api:supportcase-handle api:supportcase-close",
    "message": "api:casemessage-detail",
    "answer": "members:answer_change",
    "meeting": "members:meeting members:follow_up_add api:meeting-detail",
    "part": "members:call_accept members:call_stop members:call_minutes members:call_move members:call_off api:meeting-accept"
    " api:meeting-stop api:meeting-minutes api:meeting-move api:meeting-call-off",
    "agreed": "members:follow_up_done",
    "notification": "members:notification_open",
    "status": "members:status_retract members:status_correct api:sitestatus-detail api:sitestatus-retract",
    "head_count": "members:head_count_retract members:head_count_correct api:headcount-detail api:headcount-retract",
    "hazard": "members:hazard_end members:hazard_retract members:hazard_correct api:hazardreport-detail api:hazardreport-retract",
    "bulk": "members:bulk_undo",
    "site_call": "members:site_call_undo api:sitecall-detail",
    "reminder": "api:reminder-detail",
    "call": "members:call_close api:duecall-detail",
    "view": "web:view_rename web:view_delete api:savedview-detail",
    "contact": "members:contact_change members:contact_remove",
    "level": "members:alert_level_retract members:alert_level_correct api:alertlevelchange-detail api:alertlevelchange-retract",
    "check_in": "members:follow_up_close members:text_line_confirm",
    "turn": "members:duty_raise members:duty_remove",
    "other": "members:compare_answers",
    "evacuation_plan": "members:evacuation_plan members:evacuation_plan_places members:evacuation_plan_changes"
    " members:evacuation_plan_card members:card_phone members:evacuation_plan_change members:evacuation_plan_questions"
    " members:evacuation_plan_approve members:evacuation_plan_ask api:evacuationplan-detail api:evacuationplan-changes"
    " api:evacuationplan-answers api:evacuationplan-ask",
    "communication_plan": "members:communication_plan members:communication_plan_changes members:communication_plan_change"
    " members:communication_plan_questions members:communication_plan_approve"
    " members:communication_plan_ask members:communication_plan_numbers api:communicationplan-detail"
    " api:communicationplan-changes api:communicationplan-answers api:communicationplan-ask",
    "drill": "api:drill-detail",
    "activation": "members:stand_down api:activation-detail api:activation-stand-down",
    "roll_call": "members:roll_call members:roll_call_answer members:roll_call_close api:rollcall-detail api:rollcall-close",
    "roll_call_answer": "api:rollcallanswer-detail",
    "invitation": "members:invitation_revoke",
    "grant": "members:grant_change members:grant_revoke members:access_close",
    "device": "members:device_deputy members:device_second members:device_hand_over members:device_lost members:device_end",
    "assignment": "members:assignment_end",
    "cut_off": "members:ask_to_restore members:restore_access",
    "departure": "members:leave_agree members:leave_stop members:leave_now api:departure-detail",
    "quarter": "api:quarterstanding-detail",
    "hold": "members:hold_lift api:legalhold-detail api:legalhold-lift",
    "key": "members:key_revoke",
    "share": "members:share_revoke members:shared_rows api:share-detail api:share-pull",
    "staff_session": "members:staff_session_end",
    "supplier": "suppliers:supplier suppliers:change suppliers:link_add api:supplier-detail",
    "link": "suppliers:link_change api:supplylink-detail",
    "action": "humanitarian:action humanitarian:action_change humanitarian:action_evidence humanitarian:action_file"
    " api:safetyaction-detail",
    "action_batch": "humanitarian:actions_undo",
    "pay": "humanitarian:pay_report humanitarian:pay_correct api:wagesupportreport-detail",
    "measure": "humanitarian:measure humanitarian:measure_change api:supportmeasure-detail",
    "check": "humanitarian:check humanitarian:check_questions humanitarian:check_sign api:assessment-detail"
    " api:assessment-answers",
    "stop": "humanitarian:stop api:sitestop-detail",
    "contribution": "humanitarian:contribution_change api:contribution-detail",
    "issue": "risks:issue risks:issue_assess risks:issue_state risks:issue_salient api:rightsissue-detail",
    "report": "risks:report risks:report_file risks:report_stop risks:report_retry api:report-detail api:report-file",
    "job": "jobs:detail jobs:cancel jobs:retry jobs:file api:job-detail api:job-cancel api:job-file api:job-retry",
    "export": "api:export-detail",
    "batch": "exchange:preview exchange:columns exchange:problem_rows exchange:all_rows exchange:undo exchange:discard",
    "partner": "api:partnerorganisation-detail",
}
THING_OF = {name: thing for thing, names in _BY_THING.items() for name in names.split()}
SHARED_THINGS = {"partner", "bulletin", "answer", "assignment"}
"""Things that belong to neither member: the directory of partners, what AIM-Progress tells all, and its own answers and work."""


@dataclass
class World:
    first: Member
    second: Member
    clients: dict[str, Client]


@contextmanager
def a_world(blocker: Any, marks: tuple[str, str] = ("Quillfern", "Brackmoor")) -> Iterator[World]:
    """The whole of it, in one transaction that is rolled back at the end. `marks` are the words in the texts of each member."""
    with blocker.unblock(), transaction.atomic():
        relief = an_organisation("PARTNER", short_name="Relief Network North")
        first, second = (a_member(mark, relief) for mark in marks)
        team = the_secretariat()
        people = {
            **first.users,
            **{role: a_user(team, role) for role in (Role.AIM_ANALYST, Role.AIM_ADMIN, Role.DPO)},
            Role.PARTNER_CLIENT: a_user(relief, Role.PARTNER_CLIENT),
        }
        # of a third member: nobody is given the two, so that every analyst looks after them (members/models/organisation.py)
        elsewhere = MemberAnalyst.objects.create(analyst=a_user(team, Role.AIM_ANALYST), organisation=an_organisation())
        for member in (first, second):
            member.things |= {"staff_session": _a_staff_session(member, people[Role.AIM_ANALYST]), "assignment": elsewhere}
        clients = {role.value: signed_in(user) for role, user in people.items()}
        clients["second"] = signed_in(second.users[Role.MEMBER_COORDINATOR])
        clients[ANONYMOUS] = Client()
        for client in clients.values():
            client.raise_request_exception = False
        yield World(first, second, clients)
        transaction.set_rollback(True)


def a_member(mark: str, relief: Organisation) -> Member:
    """A member with its own people and one row of every noun, all of them named with `mark`."""
    organisation = an_organisation(short_name=f"{mark} Foods", legal_name=f"{mark} Foods AG")
    site = a_site(organisation, name=f"{mark} plant", code=f"{mark}-1", admin1=an_area("UA63", name="Kharkiv"))
    users = {role: a_user(organisation, role) for role in (Role.MEMBER_COORDINATOR, Role.MEMBER_VIEWER, Role.AUDITOR)}
    users[Role.SITE_REPORTER] = a_user(organisation, Role.SITE_REPORTER, sites=[site])
    member = Member(organisation, mark, site, users, {"site": site})
    coordinator = users[Role.MEMBER_COORDINATOR]
    with acting_as(actor_for_user(coordinator, organisation.pk)):
        _what_happens_at_the_site(member)
        _what_a_member_keeps(member, relief)
        _what_the_desk_keeps(member)
    with acting_as(actor_for_user(users[Role.SITE_REPORTER], organisation.pk)):
        from members.services.checkins import keep_other_answers, record_check_in

        member.things["check_in"] = record_check_in(site=site, people="help", operational="REDUCED")
        member.things["other"] = keep_other_answers(
            site=site, id=member.things["check_in"].pk, claimed_at=timezone.now(), operational="EVACUATED", people="all",
            note=f"{mark} gate",
        )  # fmt: skip
    member.things |= _a_call_to_make(member)
    member.things["batch"] = _a_batch(member, coordinator)
    return member


def _what_happens_at_the_site(member: Member) -> None:
    from aimprogress.web.services import save_view
    from members.models import RollCall
    from members.services.bulk import check_in_together
    from members.services.chase import hand_over_site, note_call, remind_sites
    from members.services.evacuations import activate_plan, record_drill
    from members.services.hazards import report_hazard
    from members.services.roll_calls import answer_roll_call
    from members.services.sites import change_alert_level
    from members.services.support import mark_guidance

    site, things = member.site, member.things
    things["status"] = a_status(site, "REDUCED", note=f"{member.mark} line two stands")
    things["head_count"] = a_head_count(site, 120, unaccounted=2, safe_idp=20)
    things["hazard"] = report_hazard(site=site, hazard="SHELLING", severity=2, measures=f"{member.mark} stays inside")
    things["bulk"] = check_in_together(
        sites=[site.pk], operational="", observed_at=timezone.now(), told_by=f"{member.mark} shift lead",
        source_type="WORKER_REP", confidence="B",
    )  # fmt: skip
    things["view"] = save_view(page="members:sites", query="country=UA", name=f"{member.mark} silent")
    things["site_call"] = note_call(site=site, heard="AS_BEFORE", told_by=f"{member.mark} gatekeeper")
    (things["reminder"],) = remind_sites(sites=[site.pk]).now
    things["care"] = hand_over_site(site=site, user=member.users[Role.MEMBER_COORDINATOR], note=f"{member.mark} boiler")
    things["level"] = change_alert_level(site=site, level=2)
    cellar = f"{member.mark} has its own cellar"
    things["guidance_mark"] = mark_guidance(site=site, item="shelter-dovidka", mark="NOT_APPLICABLE", reason=cellar)
    things["evacuation_plan"] = an_evacuation_plan(site, title=f"{member.mark} plan")
    things["communication_plan"] = a_communication_plan(site)
    things["activation"] = activate_plan(plan=things["evacuation_plan"], who="Everybody", reason=f"{member.mark} strikes")
    things["roll_call"] = RollCall.objects.get(site=site)
    things["roll_call_answer"] = answer_roll_call(
        roll_call=things["roll_call"], expected=120, safe=117, need_help=1, not_reached=2, told_by=f"{member.mark} shift lead"
    )
    things["drill"] = record_drill(
        site=site, kind="TABLETOP", held_on=timezone.localdate(), participants=9, minutes=12, target_minutes=15, result="PASS"
    )


def _what_a_member_keeps(member: Member, relief: Organisation) -> None:
    from aimprogress.core.uploads import receive_evidence
    from aimprogress.exchange.exports import request_export
    from aimprogress.instruments.engine import AnswerValue
    from humanitarian.models import PartnerOrganisation
    from humanitarian.services.actions import attach_evidence, change_actions, open_action
    from humanitarian.services.aid import record_contribution
    from humanitarian.services.checks import answer_check, begin_check
    from humanitarian.services.pay import add_measure, report_pay
    from humanitarian.services.stopping import Owner, stop_work
    from members.models import CutOff, Departure, Invitation, LegalHold, QuarterStanding, RoleGrant
    from members.services.accounts import create_api_key
    from members.services.devices import offer_device
    from members.services.duty import add_duty_turn
    from members.services.sharing import grant_share
    from risks.services.issues import raise_issue
    from risks.services.reports import request_report
    from suppliers.services.suppliers import link_supplier, register_supplier

    mark, organisation, things, today = member.mark, member.organisation, member.things, timezone.localdate()
    viewer = member.users[Role.MEMBER_VIEWER]
    things["partner"] = PartnerOrganisation.objects.get_or_create(name="UN Refugee Agency", short_name="UNHCR", type="UN")[0]
    things["action"] = open_action(site=member.site, title=f"{mark} shelter", owner_role="HSE lead", due_on=today)
    attach_evidence(action=things["action"], file=receive_evidence(BytesIO(b"%PDF-1.7 of " + mark.encode())))
    things["action_batch"] = change_actions(actions=[things["action"]], status="IN_PROGRESS")
    things["pay"] = report_pay(
        site=member.site, month=today.replace(day=1) - timedelta(days=40), group="OWN", policy="FULL", entitled=654,
        paid_full=588, paid_partial=52, paid_none=14, total="<100k",
    )  # fmt: skip
    things["measure"] = add_measure(
        organisation=organisation, type="HOTLINE", country=member.site.country, site=member.site, starts_on=today,
        excluded_because=f"{mark} contractors have their own",
    )  # fmt: skip
    things["check"] = begin_check(site=member.site, instrument="return_to_work")
    answer_check(check=things["check"], answers={"1": AnswerValue("PASS", "", f"{mark} brigade permits")})
    things["stop"] = stop_work(
        site=member.site, operational="SUSPENDED", reason="POLICY", owners={str(n): Owner("HR lead", today) for n in range(2, 9)},
        answers={"1": AnswerValue("SETTLED", f"{mark} board, 3 March")},
    )  # fmt: skip
    things["supplier"] = register_supplier(organisation=organisation, name=f"{mark} Packaging", country="UA")
    things["link"] = link_supplier(supplier=things["supplier"], tier="T1", commodity="BRD")
    things["contribution"] = record_contribution(
        organisation=organisation, partner=things["partner"], purpose=f"{mark} blankets", currency="EUR", committed=10,
        committed_on=today,
    )  # fmt: skip
    things["issue"] = raise_issue(
        organisation=organisation, title=f"{mark} wages", catalogue="I01", scale=3, scope=3, irremediability=3, likelihood=3
    )
    things["share"] = grant_share(
        organisation=organisation, receiver=relief, dataset="SITE_STATUS", precision="ADM1",
        expires_at=timezone.now() + timedelta(days=20),
    )  # fmt: skip
    create_api_key(
        organisation=organisation, name=f"{mark} key", scopes=["site:read"], expires_at=timezone.now() + timedelta(days=9)
    )
    things["key"] = organisation.api_keys.get()
    things["device"] = offer_device(site=member.site).row
    things["turn"] = add_duty_turn(organisation=organisation, user=member.users[Role.MEMBER_COORDINATOR], label=f"{mark} gate")
    things["grant"] = RoleGrant.objects.get(user=viewer)
    things["cut_off"] = CutOff.objects.create(organisation=organisation, country="KG", reason="DEVICE_SEIZED")
    things["departure"] = Departure.objects.create(organisation=organisation)
    people = {"expected": [420, 420], "reached": [416, 419], "safe": [300, 300], "displaced": [1, 4], "not_reached": [1, 4]}
    told = {"sites": 3, "counted": 1, "groups": {"ok": 2, "lost": 1}, "people": people}
    things["quarter"] = QuarterStanding(organisation=organisation, country="UA", quarter=date(2022, 1, 1), **told)
    things["quarter"].save(force_insert=True)
    things["hold"] = LegalHold.objects.create(organisation=organisation, reason=f"{mark} claim")
    things["invitation"] = Invitation.objects.create(
        email=f"{mark}@example.org", organisation=organisation, role="MEMBER_VIEWER", token_hash=mark,
        expires_at=timezone.now() + timedelta(days=3),
    )  # fmt: skip
    things["export"] = request_export(noun="sites", file_format="csv", query="")
    report = request_report(organisation=organisation, period_from=today.replace(day=1), period_to=today)
    report.pdf = store_file(
        b"%PDF-1.7", name=f"{mark}.pdf", content_type="application/pdf", kind="report", organisation_id=organisation.pk
    )
    report.save()
    things["report"], things["job"] = report, report.job


def _what_the_desk_keeps(member: Member) -> None:
    from aimprogress.core.ids import uuid7
    from members.models import Bulletin, CaseMessage, Meeting, Notification, ReusableAnswer
    from members.services.bulletins import confirm_bulletin
    from members.services.cases import open_case
    from members.services.meetings import add_follow_up, keep_meeting

    mark, organisation, things, today = member.mark, member.organisation, member.things, timezone.localdate()
    team = the_secretariat()
    with acting_as(SYSTEM):
        said = {"topic": "POWER", "level": "ADVISORY", "text": "Keep generators outside."}
        things["bulletin"] = Bulletin.objects.get_or_create(title="Power cuts are expected", defaults=said)[0]
        things["answer"] = ReusableAnswer.objects.filter(organisation=team).first()
        if things["answer"] is None:
            kept = {"title": "Shelters", "category": "SAFETY", "text": "See the library."}
            things["answer"] = ReusableAnswer(organisation=team, **kept)
            things["answer"].save(force_insert=True)
        told = {"user": member.users[Role.MEMBER_COORDINATOR], "topic": "CASE", "kind": "case.answered", "key": mark}
        things["notification"] = Notification(organisation=organisation, **told)
        things["notification"].save(force_insert=True)
    things["receipt"] = confirm_bulletin(bulletin=things["bulletin"])
    asked = {"category": "SAFETY", "urgency": "P3", "summary": f"{mark} asks about buses", "text": f"{mark} has two"}
    things["case"] = open_case(organisation=organisation, site=member.site, **asked)
    things["message"] = CaseMessage.objects.get(case=things["case"])
    met = {"held_on": today, "kind": "CALL", "topic": f"{mark} buses", "participants": "HR lead", "notes": f"{mark} said"}
    things["meeting"] = keep_meeting(organisation_id=organisation.pk, **met)
    part = {"topic": f"{mark} heat", "participants": "HSE lead", "agenda": f"{mark} generators", "notes": f"{mark} said to all"}
    things["part"] = Meeting(organisation=organisation, call=uuid7(), held_on=today, **part)
    things["part"].save(force_insert=True)
    agreed = {"what": f"{mark} orders", "owner_role": "HR lead", "due_on": today}
    things["agreed"] = add_follow_up(meeting_id=things["meeting"].pk, **agreed)


def _a_call_to_make(member: Member) -> dict[str, Any]:
    from members.models import CallContact, Escalation

    with acting_as(SYSTEM):
        silent = a_site(member.organisation, name=f"{member.mark} silent plant", admin1=member.site.admin1, alert_level=4)
        call = Escalation(organisation=member.organisation, site=silent, fact="STATUS", since=timezone.now(), step="CALL",
                          due_at=timezone.now())  # fmt: skip
        contact = CallContact(organisation=member.organisation, role=f"{member.mark} duty manager", number="+380441234567")
        for row in (call, contact):
            row.save(force_insert=True)
    return {"call": call, "contact": contact}


def _a_batch(member: Member, coordinator: User) -> Any:
    from aimprogress.exchange.models import ImportBatch

    rows = f"Site code,Site name,Country,City,Workers\n{member.mark}-9,{member.mark} mill,Ukraine,Lviv,12\n"
    answer = signed_in(coordinator).post("/import/sites/", {"file": SimpleUploadedFile("sites.csv", rows.encode())})
    assert answer.status_code == 302, answer.content.decode()
    with acting_as(SYSTEM):
        return ImportBatch.objects.get(organisation=member.organisation)


def _a_staff_session(member: Member, analyst: User) -> Any:
    from members.models import StaffSession

    with acting_as(SYSTEM):
        session = StaffSession(
            organisation=member.organisation, receiver=the_secretariat(), analyst=analyst,
            reason=f"{member.mark} asked us to look at its suppliers", ends_at=timezone.now() - timedelta(minutes=1),
        )  # fmt: skip
        session.save(force_insert=True)
    return session
