"""Who gets what from every address: the whole table of roles, and what each answer must carry."""

from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.http import HttpResponseBase
from django.urls import Resolver404, resolve, reverse

from aimprogress.core.permissions import Permission, Role
from aimprogress.web.guarded import Access
from tests.house.world import ANONYMOUS, Url, World, every_url

pytestmark = [pytest.mark.house, pytest.mark.django_db]

LETTERS = {
    "R": Role.SITE_REPORTER, "C": Role.MEMBER_COORDINATOR, "V": Role.MEMBER_VIEWER, "A": Role.AIM_ANALYST, "M": Role.AIM_ADMIN,
    "P": Role.PARTNER_CLIENT, "U": Role.AUDITOR, "D": Role.DPO,
}  # fmt: skip
ALL = "RCVAMPUD"
"""R reporter, C coordinator, V viewer and U auditor of the member that owns the row; A analyst, M administrator, D data
protection, P partner. A capital letter: may. A small one: passes the door but does not find this row (404). None: 403."""
TABLE = {
    "livez": "RCVAMPUD",
    "readyz": "RCVAMPUD",
    "web:home": "RCVAMPUD", "web:search": "RCVAMPUD", "web:who_sees": "RCVAMPUD", "web:accessibility": "RCVAMPUD",
    "web:keyboard": "RCVAMPUD", "web:settings": "RCVAMPUD", "members:own_account": "RCVAMPUD",
    "members:own_account_file": "RCVAMPUD", "members:own_account_close": "RCVAMPUD", "web:switch_organisation": "RCVAMPUD",
    "web:saved_views": "RCVAMPUD", "web:view_save": "RCVAMPUD", "web:view_rename": "rCvampud", "web:view_delete": "rCvampud",
    "api:savedview-list": "RCVAMPUD", "api:savedview-detail": "rCvampud",
    "exchange:home": "C", "exchange:preview": "C", "exchange:columns": "C", "exchange:problem_rows": "C",
    "exchange:all_rows": "C", "exchange:undo": "C", "exchange:discard": "C", "exchange:upload": "C", "exchange:try_sample": "C",
    "exchange:sample": "C", "exchange:to_fill_in": "C",
    "exports:request": "CVA",
    "jobs:list": "RCVAMPUD", "jobs:detail": "rCvampud", "jobs:cancel": "rCvampud", "jobs:retry": "rCvampud",
    "jobs:file": "rcvampud",
    "members:overview": "CVAU", "members:dashboard": "A", "members:follow_ups": "RCA", "members:follow_up_close": "RCA",
    "members:compare_answers": "RC", "members:text_line": "RC", "members:text_line_confirm": "rc",
    "members:duty_roster": "CM", "members:invite_list": "CM", "members:invite_list_send": "CM", "members:duty_raise": "Cm",
    "members:duty_remove": "Cm", "members:phone": "RCVAMPUD", "members:phone_file": "RCVAMPUD",
    "api:checkin-batch": "RC", "api:checkin-bootstrap": "rc",
    "members:members": "RCVAMPUD", "members:my_check_ins": "RC", "members:check_in": "RC", "members:check_in_sent": "Rc",
    "members:check_in_undo": "RC", "members:enrol": "RCVAMPUD", "members:site_inside": "c", "members:device_add": "CM",
    "members:device_deputy": "Cm", "members:device_second": "Cm", "members:device_hand_over": "Cm", "members:device_lost": "Cm",
    "members:device_end": "Cm", "members:sites": "RCVAU", "members:site_add": "C", "members:site": "RCVAU",
    "members:site_change": "C", "members:status_log": "RC", "members:head_count_log": "RC", "members:alert_level": "RCA",
    "members:status_retract": "RC", "members:head_count_retract": "RC", "members:status_correct": "RC",
    "members:head_count_correct": "RC", "members:hazard_report": "RC", "members:hazard_end": "RC",
    "members:hazard_retract": "RC", "members:hazard_correct": "RC", "members:alert_level_retract": "RCA",
    "members:alert_level_correct": "RCa",
    "members:remind": "CA", "api:reminder-list": "CA", "api:reminder-detail": "CA", "api:sitecall-list": "CA",
    "api:sitecall-detail": "CA", "api:duecall-list": "CA", "api:duecall-detail": "CA", "members:call_round": "C",
    "members:site_call": "Ca", "members:site_call_undo": "Ca", "members:site_hand_over": "C",
    "members:sites_hand_over": "C",
    "members:roll_calls": "RCVA", "members:roll_call": "RCVA", "members:roll_call_open": "RC",
    "members:roll_call_answer": "RC", "members:roll_call_close": "RC", "api:rollcall-list": "RCVA",
    "api:rollcall-detail": "RCVA", "api:rollcall-close": "RCVA", "api:rollcallanswer-list": "RCVA",
    "api:rollcallanswer-detail": "RCVA",
    "members:calls": "CA", "members:call_close": "CA", "members:call_list": "C", "members:contact_add": "C",
    "members:contact_change": "C", "members:contact_remove": "C",
    "members:bulk_check_in": "RC", "members:bulk_undo": "RC", "members:site_plans": "RCVAU",
    "members:plan_activate": "RC", "members:drill_log": "RC", "members:evacuation_plan_start": "C",
    "members:communication_plan_start": "C", "members:plan_gaps": "RCVAU", "members:evacuation_plan": "RCVAU",
    "members:evacuation_plan_places": "RC", "members:evacuation_plan_changes": "RC", "members:evacuation_plan_card": "RCvau",
    "members:card_phone": "RCvau", "members:card_worker": "RCVAMPUD",
    "members:evacuation_plan_change": "C", "members:evacuation_plan_questions": "C", "members:evacuation_plan_approve": "C",
    "members:evacuation_plan_ask": "C", "members:communication_plan_ask": "C", "members:communication_plan_numbers": "RC",
    "members:communication_plan": "RCVAU", "members:communication_plan_changes": "RC",
    "members:communication_plan_change": "C", "members:communication_plan_questions": "C",
    "members:communication_plan_approve": "C", "members:support": "RCVAMP", "members:guidance": "RCVAMP",
    "members:bulletins": "RCVAMP", "members:bulletin_add": "A", "members:bulletin": "RCVAMP", "members:bulletin_confirm": "C",
    "members:bulletin_withdraw": "A", "members:cases": "CVA", "members:case_add": "RC", "members:case": "CVA",
    "members:case_write": "CA", "members:case_handle": "A", "members:case_close": "CA", "members:answers": "A",
    "members:answer_add": "A", "members:answer_change": "A", "members:meetings": "CVA", "members:meeting_add": "CA",
    "members:call_convene": "A", "members:call_accept": "C", "members:call_stop": "CA", "members:call_minutes": "A",
    "members:call_move": "A", "members:call_off": "A", "api:meeting-move": "CVA", "api:meeting-call-off": "CVA",
    "api:supportcase-handle": "CVA", "api:supportcase-close": "CVA", "api:bulletin-withdraw": "RCVAMP",
    "members:meeting": "CVA", "members:follow_up_add": "CA", "members:follow_up_done": "CA",
    "members:notifications": "RCVAMPUD", "members:notifications_read": "RCVAMPUD", "members:notice_settings": "RCVAMPUD",
    "members:notification_open": "RCVAMPUD", "api:bulletin-list": "RCVAMP", "api:bulletin-detail": "RCVAMP",
    "api:bulletinreceipt-list": "RCVAMP", "api:bulletinreceipt-detail": "RCVAmp", "api:supportcase-list": "CVA",
    "api:supportcase-detail": "CVA", "api:casemessage-list": "CVA", "api:casemessage-detail": "CVA", "api:meeting-list": "CVA",
    "api:meeting-detail": "CVA", "api:meeting-convene": "CVA", "api:meeting-accept": "CVA", "api:meeting-stop": "CVA",
    "api:meeting-minutes": "CVA",
    "members:guidance_item": "RCVAMP", "members:site_guidance": "RCVAmp", "members:guidance_mark": "RC",
    "members:stand_down": "RC", "members:people": "CM", "members:invite": "CM",
    "members:invitation_revoke": "CM", "members:grant_change": "CM", "members:grant_revoke": "CM",
    "members:access_close": "CM", "members:cut_offs": "CM", "members:cut_off_access": "CM", "members:ask_to_restore": "CM",
    "members:assignments": "AM", "members:assign_members": "M", "members:assignment_end": "M",
    "members:restore_access": "CM", "members:retention": "RCVAMPUD", "members:strict_months": "C", "members:holds": "MD",
    "members:hold_set": "MD", "members:hold_lift": "MD", "members:leave": "CM", "members:archive_take": "C",
    "api:legalhold-list": "RCVAMPUD", "api:legalhold-detail": "RCVaMpUD", "api:legalhold-lift": "RCVAMPUD",
    "members:quarters": "CVAU", "api:quarterstanding-list": "CVAU", "api:quarterstanding-detail": "CVAU",
    "api:departure-list": "CM", "api:departure-detail": "CM",
    "members:leave_ask": "C", "members:leave_agree": "CM", "members:leave_stop": "CM", "members:leave_now": "M",
    "members:invitation": "RCVAMPUD", "members:keys": "CMP", "members:key_make": "CMP",
    "members:key_revoke": "Cmp", "members:sharing": "CVAP", "members:share_grant": "C", "members:share_revoke": "C",
    "members:shared": "CVAP", "members:shared_rows": "aP", "members:staff_sessions": "CVAD",
    "members:staff_session_open": "A", "members:staff_session_end": "a", "members:audit": "CMD",
    "suppliers:list": "CVAU", "suppliers:add": "C", "suppliers:supplier": "CVaU", "suppliers:change": "C",
    "suppliers:link_add": "C", "suppliers:link_change": "C",
    "humanitarian:actions": "RCVAU", "humanitarian:action_add": "RC", "humanitarian:actions_change": "C",
    "humanitarian:actions_board": "RCVAU", "humanitarian:actions_remind": "C", "humanitarian:actions_undo": "C",
    "humanitarian:action_evidence": "C", "humanitarian:action_file": "RCVaU",
    "humanitarian:action": "RCVAU", "humanitarian:action_change": "C", "humanitarian:home": "CVAPU",
    "humanitarian:pay": "CVAU", "humanitarian:pay_add": "C", "humanitarian:pay_report": "CVAU", "humanitarian:pay_correct": "C",
    "humanitarian:measures": "CVAU", "humanitarian:measure_add": "C", "humanitarian:measure": "CVAU",
    "humanitarian:measure_change": "C", "api:wagesupportreport-list": "CVAU", "api:wagesupportreport-detail": "CVAU",
    "api:supportmeasure-list": "CVAU", "api:supportmeasure-detail": "CVAU",
    "humanitarian:asked_checks": "RCVAU",
    "humanitarian:checks": "RCVAU", "humanitarian:check_begin": "C", "humanitarian:check": "RCVAU",
    "humanitarian:check_questions": "C", "humanitarian:check_sign": "C", "api:assessment-list": "RCVAU",
    "api:assessment-detail": "RCVAU", "api:assessment-answers": "RCVAU",
    "api:duechecklist-list": "RCVAU", "api:duechecklist-detail": "RCVAU",
    "humanitarian:stop_work": "C", "humanitarian:stop": "RCVaU", "api:sitestop-list": "RCVAU", "api:sitestop-detail": "RCVaU",
    "humanitarian:contributions": "CVAU", "humanitarian:contribution_add": "C", "humanitarian:contribution_change": "C",
    "humanitarian:partners": "CVAPU", "humanitarian:partner_add": "CA",
    "risks:issues": "CVAU", "risks:issue_add": "RC", "risks:issue": "CVAU", "risks:issue_assess": "C",
    "risks:issue_state": "C", "risks:issue_salient": "C", "risks:reports": "CVAU", "risks:report_add": "C",
    "risks:report": "CVaU", "risks:report_file": "CV", "risks:report_stop": "C", "risks:report_retry": "C",
    "api:root": "RCVAMPUD", "api:schema": "RCVAMPUD", "api:job-list": "RCVAMPUD", "api:job-detail": "rCvampud",
    "api:job-cancel": "RCVAMPUD", "api:job-file": "rcvampud", "api:job-retry": "RCVAMPUD", "api:export-list": "CVA",
    "api:export-detail": "Cva", "api:figure-list": "CVAU", "api:bordercrossing-list": "RCVAMPUD",
    "api:site-list": "RCVAU", "api:site-detail": "RCVAU",
    "api:sitestatus-list": "RCVAU", "api:sitestatus-detail": "RCVAU", "api:headcount-list": "RCVA",
    "api:headcount-detail": "RCVA", "api:hazardreport-list": "RCVAU", "api:hazardreport-detail": "RCVAU",
    "api:alertlevelchange-list": "RCVAU", "api:alertlevelchange-detail": "RCVAU",
    "api:sitestatus-retract": "RCVAU", "api:headcount-retract": "RCVA", "api:hazardreport-retract": "RCVAU",
    "api:alertlevelchange-retract": "RCVAU",
    "api:evacuationplan-list": "RCVAU", "api:evacuationplan-detail": "RCVAU", "api:communicationplan-list": "RCVAU",
    "api:communicationplan-detail": "RCVAU", "api:evacuationplan-changes": "RC",
    "api:evacuationplan-ask": "RCVAU", "api:communicationplan-ask": "RCVAU",
    "api:communicationplan-changes": "RC", "api:evacuationplan-answers": "RCVAU", "api:communicationplan-answers": "RCVAU",
    "api:activation-list": "RCVAU", "api:activation-detail": "RCVAU",
    "api:activation-stand-down": "RCVAU", "api:drill-list": "RCVAU", "api:drill-detail": "RCVAU",
    "api:share-list": "CVAP", "api:share-detail": "CVaP", "api:share-pull": "aP",
    "api:supplier-list": "CVAU", "api:supplier-detail": "CVaU", "api:supplylink-list": "CVAU",
    "api:supplylink-detail": "CVaU", "api:safetyaction-list": "RCVAU", "api:safetyaction-detail": "RCVAU",
    "api:partnerorganisation-list": "CVAPU", "api:partnerorganisation-detail": "CVAPU", "api:contribution-list": "CVAU",
    "api:contribution-detail": "CVaU", "api:rightsissue-list": "CVAU", "api:rightsissue-detail": "CVAU",
    "api:guidance-list": "RCVAMP", "api:guidance-detail": "RCVAMP", "api:guidancemark-list": "RCVAMP",
    "api:guidancemark-detail": "RCVAmp",
    "api:report-list": "CVAU", "api:report-detail": "CVaU", "api:report-file": "CV", "api:(no name)": "rcvampud",
}  # fmt: skip
ANSWERS = {
    "web:home": 302, "web:switch_organisation": 405, "exchange:try_sample": 405, "members:my_check_ins": {"R": 302},
    "members:notification_open": 405,
    "members:check_in_undo": 405, "members:evacuation_plan_places": 302,
    "members:communication_plan_numbers": 302, "members:evacuation_plan_change": 302,
    "members:evacuation_plan_questions": 302, "members:communication_plan_change": 302,
    "members:communication_plan_questions": 302, "members:invitation": 410, "members:enrol": 410,
    "members:invite_list_send": 405, "members:sites_hand_over": 302, "api:checkin-batch": 405, "members:overview": {"A": 302},
    "members:sharing": {"A": 302, "P": 302}, "members:share_grant": 302, "members:staff_session_open": 302,
    "humanitarian:actions_change": 405, "humanitarian:actions_remind": 405,
    "api:job-cancel": 405, "api:activation-stand-down": 405, "api:rollcall-close": 405,
    "api:sitestatus-retract": 405, "api:headcount-retract": 405, "api:hazardreport-retract": 405,
    "api:alertlevelchange-retract": 405, "api:assessment-answers": 405, "api:evacuationplan-answers": 405,
    "api:communicationplan-answers": 405, "api:evacuationplan-ask": 405, "api:communicationplan-ask": 405,
    "api:legalhold-lift": 405,
    "api:job-retry": 405, "api:meeting-convene": 405, "api:meeting-accept": 405, "api:meeting-stop": 405,
    "api:meeting-minutes": 405, "api:meeting-move": 405, "api:meeting-call-off": 405, "api:supportcase-handle": 405,
    "api:supportcase-close": 405, "api:bulletin-withdraw": 405,
}  # fmt: skip
"""What those who may get, where it is not 200: on to another page, or only by POST."""
PUBLIC = {
    "livez",
    "readyz",
    "web:accessibility",
    "web:keyboard",
    "members:invitation",
    "members:enrol",
    "members:card_worker",
    "members:phone",
    "members:phone_file",
    "api:(no name)",
}
EXEMPT = {
    "account_": "allauth's own pages: they belong to the person who signs in, whatever the role",
    "mfa_": "allauth's own pages: they belong to the person who signs in, whatever the role",
}
ALIKE = {"api:schema": "the same for everybody who is signed in, and slow to make"}
WITHOUT_PERMISSION = {
    "livez": "for load balancers, no data",
    "readyz": "for load balancers, no data",
    "api:(no name)": "says 404",
}
URLS = {url.name: url for url in every_url()}
WALKED = sorted(name for name in URLS if not name.startswith(tuple(EXEMPT)))


@pytest.fixture(autouse=True)
def no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    from aimprogress.api import throttling

    monkeypatch.setattr(throttling, "LIMITS", {})


def expected(name: str, letter: str) -> int:
    if letter.lower() in TABLE[name]:
        return 404
    if letter not in TABLE[name]:
        return 403
    answer = ANSWERS.get(name, 200)
    return answer.get(letter, 200) if isinstance(answer, dict) else answer


def expected_of_nobody(name: str) -> int:
    if name in PUBLIC:
        return 404 if name == "api:(no name)" else ANSWERS.get(name, 200)
    return 401 if name.startswith("api:") else 302


def path_of(name: str, world: World) -> str:
    return "/api/v1/nothing/" if name == "api:(no name)" else reverse(name, kwargs=world.first.arguments(name))


def test_the_table_names_every_address_and_no_other() -> None:
    assert set(WALKED) == set(TABLE)
    assert len(WALKED) > 100


def test_the_resolver_holds_no_name_twice() -> None:
    names = [url.name for url in every_url()]
    assert len(names) == len(set(names))


def test_every_view_names_a_permission() -> None:
    for name in WALKED:
        view = URLS[name].view
        if name in WITHOUT_PERMISSION:
            assert not isinstance(view, type), name
        else:
            assert isinstance(view.permission, Permission | Access), name
            assert (view.permission is Access.PUBLIC) == (name in PUBLIC), name


def test_every_page_that_changes_data_asks_for_the_permission_of_its_own_service() -> None:
    """Not for that of the page it inherits from: assessing an issue again is more than raising one."""
    pages = {name: url.view for name, url in URLS.items() if getattr(url.view, "service", None)}
    wrong = {name for name, view in pages.items() if view.permission != getattr(view.service, "permission", None)}
    assert wrong == {"members:invitation"}, "its secret is the permission"
    assert len(pages) > 40


@pytest.mark.parametrize("name", WALKED)
def test_each_role_gets_what_the_table_says(name: str, world: World) -> None:
    path, answers, wanted, refused = path_of(name, world), {}, {}, set()
    for letter in "C" if name in ALIKE else ALL:
        role = LETTERS[letter]
        response = world.clients[role].get(path)
        check(response, URLS[name])
        if name not in PUBLIC:
            refused |= {(role.value, link) for link in links_of(response) if leads_nowhere(link, letter)}
        answers[role.value], wanted[role.value] = response.status_code, expected(name, letter)
    response = world.clients[ANONYMOUS].get(path)
    check(response, URLS[name])
    answers[ANONYMOUS], wanted[ANONYMOUS] = response.status_code, expected_of_nobody(name)
    assert answers == wanted
    assert refused == set(), "a page offers what its reader may not do"


@pytest.mark.parametrize("name", sorted(set(URLS) - set(WALKED)))
def test_the_pages_of_the_door_carry_the_same_headers(name: str, world: World) -> None:
    for client in (world.clients[Role.MEMBER_COORDINATOR], world.clients[ANONYMOUS]):
        response = client.get(path_of(name, world))
        assert response.status_code < 500
        check(response, URLS[name])


class Links(HTMLParser):
    """Collects where a page leads: its links and its forms."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        target = dict(attributes).get({"a": "href", "form": "action"}.get(tag, "")) or ""
        if target.startswith("/") and not target.startswith(settings.STATIC_URL):
            self.found.add(target.partition("#")[0].partition("?")[0])


def links_of(response: HttpResponseBase) -> set[str]:
    if response.status_code != 200 or response.streaming or not response.headers.get("Content-Type", "").startswith("text/html"):
        return set()
    page = Links()
    page.feed(response.content.decode())
    return page.found


def leads_nowhere(link: str, letter: str) -> bool:
    """Whether whoever follows the link is refused, or there is no such address."""
    try:
        name = resolve(link).view_name
    except Resolver404:
        return True
    return name in TABLE and expected(name, letter) == 403


class Inline(HTMLParser):
    """Collects what the content security policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        data = given.get("type") in ("application/json", "text/template")
        if tag == "style" or (tag == "script" and "src" not in given and not data):
            self.found.append(tag)
        self.found += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        self.found += [f"{tag} {name}" for name, value in attributes if (value or "").strip().lower().startswith("javascript:")]


def check(response: HttpResponseBase, url: Url) -> None:
    """What every answer carries, whoever asked and whatever was said."""
    said = (url.name, response.status_code)
    content = response.getvalue() if response.streaming else response.content
    policy = response.headers.get("Content-Security-Policy", "")
    assert "default-src 'none'" in policy, said
    assert "unsafe-" not in policy, said
    assert response.headers["X-Content-Type-Options"] == "nosniff", said
    assert not {"X-Powered-By", "Server"} & set(response.headers), said
    if getattr(url.view, "sensitive", False) and response.status_code == 200:
        assert response["Cache-Control"] == "no-store", said
    if response.headers.get("Content-Type", "").startswith("text/html"):
        assert inline_of(content) == [], said


def inline_of(content: bytes) -> list[str]:
    page = Inline()
    page.feed(content.decode())
    return page.found


@pytest.mark.parametrize(
    "bad", ["<p style='x'>", "<style>", "<script>x</script>", "<a onclick=x>", "<a href='javascript:x'>", "<svg onload=x>"]
)
def test_the_check_of_pages_finds_what_it_looks_for(bad: str) -> None:
    assert inline_of(bad.encode()) != []
    assert inline_of(b"<script src='/x.js'></script><script type='application/json'>{}</script><a href='/'>x</a>") == []
