"""Demo: what sites did about guidance, bulletins with receipts, support cases, meetings, and what people were told."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from aimprogress.core.ids import uuid7
from aimprogress.places.area_status import statuses_on
from aimprogress.web.demo import Demo, demo_loader
from members import clock
from members.guidance import applying, facts_of
from members.models import (
    Bulletin,
    BulletinReceipt,
    CaseMessage,
    GuidanceMark,
    Meeting,
    MeetingFollowUp,
    NoticeTopic,
    Notification,
    ReusableAnswer,
    SupportCase,
)

REASONS = ("The building has a shelter of its own", "No generator on this site", "Settled for the whole company by headquarters")
MARKED = ("READ", "DONE", "DONE", "NOT_APPLICABLE")


@demo_loader("guidance at sites", order=55)
def load_guidance(demo: Demo) -> None:
    """About half of what applies was answered, in the last weeks."""
    dice = demo.dice
    standing = statuses_on({site.area_id or site.admin1_id for site in demo.kept["sites"]}, timezone.localdate())
    marks = []
    for site in demo.kept["sites"]:
        for item in applying(facts_of(site, standing[site.area_id or site.admin1_id].status)):
            if dice.random() < 0.5:
                continue
            mark = dice.choice(MARKED)
            marks.append(
                GuidanceMark(
                    organisation_id=site.organisation_id, site=site, item=item.code, item_version=item.version, mark=mark,
                    reason=dice.choice(REASONS) if mark == "NOT_APPLICABLE" else "",
                    marked_at=demo.now - timedelta(days=dice.randint(1, 40)),
                )
            )  # fmt: skip
    GuidanceMark.objects.bulk_create(marks, batch_size=1000)


# (hours ago, level, topic, countries, title, text, what is asked)
BULLETINS = (
    (5, "URGENT", "POWER", ["UA"], "Longer power cuts are expected this week",
     "Network operators announce longer cuts. Generators belong outside, six metres from walls.",
     "Check fuel and carbon monoxide alarms today and confirm."),
    (30, "ADVISORY", "REFUGEES", ["PL", "RO", "SK", "HU", "MD"], "Labour agencies that ask displaced people for fees",
     "Members saw agencies that take money from people who look for work. The employer pays, never the worker.",
     "Ask your agencies in writing and open a case where somebody paid."),
    (200, "INFO", "RIGHTS", [], "The guidance library was read again",
     "All publications of the library were read again; notes on law are to be read every ninety days.", ""),
)  # fmt: skip
# (days ago, urgency, category, in one line, question, answer or "", status)
CASES = (
    (0, "P1", "EVACUATION", "Buses for a site near the fighting", "We have two buses too few for one leaving.", "", "NEW"),
    (2, "P3", "HRDD", "How to rate an issue with the pay of suspended staff",
     "Is pay during a suspension a salient issue?",
     "Yes: look at scale and at how hard it is to make good. The library has the guidance.", "WAITING_MEMBER"),
    (6, "P2", "LABOUR_EXPLOITATION", "An agency that asks for fees", "Two people said that they paid for the job.",
     "Stop new hires through it, and let the employer pay the fees back.", "IN_PROGRESS"),
    (30, "P4", "PORTAL", "Import of head counts from our own sheet", "Which columns are read?",
     "Those of the sample workbook; others are named and left out.", "RESOLVED"),
)  # fmt: skip
ANSWERS = (
    ("Generators and carbon monoxide", "SAFETY", "Outside, six metres from walls, never in a closed room. See the library."),
    ("Fees in recruitment", "LABOUR_EXPLOITATION", "The employer pays. Where a worker paid, the money goes back to the worker."),
    (
        "Where to begin with an issue",
        "HRDD",
        "Begin with the people: scale, scope, how hard to make good. Then likelihood.",
    ),
)


@demo_loader("bulletins", order=56)
def load_bulletins(demo: Demo) -> None:
    """Three bulletins; one coordinator has confirmed the older one."""
    analyst, coordinator = demo.kept["users"]["analyst@aim.example"], demo.kept["users"]["coordinator@norvia.example"]
    for hours, level, topic, countries, title, text, asked in BULLETINS:
        bulletin = Bulletin.objects.create(
            level=level, topic=topic, countries=countries, title=title, text=text, asked=asked, issued_by=analyst,
            issued_at=demo.now - timedelta(hours=hours),
        )  # fmt: skip
        if level == "ADVISORY":
            receipt = BulletinReceipt(organisation=demo.kept["members"][1], bulletin=bulletin, user=coordinator)
            receipt.save(force_insert=True)


@demo_loader("support desk", order=57)
def load_desk(demo: Demo) -> None:
    """Cases of two members in every state of the clock, answers kept, a meeting with what was agreed."""
    analyst = demo.kept["users"]["analyst@aim.example"]
    for title, category, text in ANSWERS:
        ReusableAnswer(organisation=demo.kept["secretariat"], title=title, category=category, text=text).save(force_insert=True)
    for member, email in zip(demo.kept["members"], ("coordinator@halden.example", "coordinator@norvia.example"), strict=False):
        for number, case in enumerate(CASES, start=1):
            _case(demo, member, demo.kept["users"][email], analyst, number, case)
    halden = demo.kept["halden"]
    meeting = Meeting(
        organisation=halden, held_on=(demo.now - timedelta(days=9)).date(), kind="ONLINE", topic="Winter and power",
        participants="Crisis lead, HSE lead, AIM-Progress analyst", kept_by=analyst,
        notes="Fuel for ten days at each heated room. Second shelter exit checked at every drill.",
    )  # fmt: skip
    meeting.save(force_insert=True)
    for what, role, days in (("Send the list of heated rooms", "HSE lead", 5), ("Share the note on suspension", "Analyst", -2)):
        due = (demo.now + timedelta(days=days)).date()
        MeetingFollowUp(organisation=halden, meeting=meeting, what=what, owner_role=role, due_on=due).save(force_insert=True)


@demo_loader("a call with several members", order=58)
def load_call(demo: Demo) -> None:
    """Three members were invited to a call in the coming days; the first has accepted the statement on competition law."""
    call, analyst = uuid7(), demo.kept["users"]["analyst@aim.example"]
    for place, member in enumerate(demo.kept["members"][:3]):
        part = Meeting(
            organisation=member, call=call, kind="ONLINE", topic="Heated rooms in winter",
            held_on=(demo.now + timedelta(days=6)).date(),
            agenda="1. What power companies announced.\n2. Rooms for neighbours and families.\n3. What each site still lacks.",
            participants="HSE leads, AIM-Progress analyst", accepted_at=None if place else demo.now - timedelta(hours=3),
            kept_by=analyst,
        )  # fmt: skip
        part.save(force_insert=True)


def _case(demo: Demo, member: Any, asker: Any, analyst: Any, number: int, said: tuple[Any, ...]) -> None:
    days, urgency, category, summary, question, answer, status = said
    opened = demo.now - timedelta(days=days, minutes=40)
    case = SupportCase(
        organisation=member, number=number, category=category, urgency=urgency, summary=summary, status=status,
        opened_by=asker, opened_at=opened, handler=analyst if answer else None,
        due_at=None if answer else clock.due(urgency, opened),
        answered_at=opened + timedelta(hours=1) if answer else None, in_time=True if answer else None,
        resolved_at=opened + timedelta(days=3) if status == "RESOLVED" else None,
    )  # fmt: skip
    case.save(force_insert=True)
    texts = [(question, False, asker, opened)] + ([(answer, True, analyst, opened + timedelta(hours=1))] if answer else [])
    for text, by_desk, who, when in texts:
        message = CaseMessage(organisation=member, case=case, text=text, by_desk=by_desk, written_by=who, written_at=when)
        message.save(force_insert=True)
    if answer and status != "RESOLVED":
        told = {"topic": NoticeTopic.CASE, "kind": "case.answered", "subject_id": case.pk, "key": f"case-message.{message.pk}"}
        when = message.written_at
        Notification(organisation=member, user=asker, told_at=when, mailed_at=when, **told).save(force_insert=True)
