"""The demo's plans: some adequate, some with gaps, some missing, one that waits for approval; and the drills."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from aimprogress.core.ids import uuid7
from aimprogress.instruments.engine import AnswerValue, load, score
from aimprogress.instruments.models import Answer, Assessment
from aimprogress.web.demo import Demo, demo_loader
from members.models import CommunicationPlan, Drill, EvacuationPlan, PlanStatus, Site
from members.planning import drill_due, review_date


@demo_loader("plans and drills", order=40)
def load_plans(demo: Demo) -> None:
    """Evacuation and communication plans with their answered instruments; some adequate, some with gaps, some missing."""
    made: dict[str, list[Any]] = {"assessments": [], "answers": [], "evacuation": [], "communication": [], "drills": []}
    for index, site in enumerate(demo.kept["sites"]):
        if site.alert_level == 0 or index % 9 == 8:
            continue
        _plan(demo, site, EvacuationPlan, "evacuation", made)
        if index % 5 != 4:
            _plan(demo, site, CommunicationPlan, "communication", made)
        if site.alert_level < 4:
            made["drills"].append(_drill(demo, site, overdue=index % 11 == 3))
    _draft_to_approve(demo, made)
    Assessment.objects.bulk_create(made["assessments"], batch_size=500)
    Answer.objects.bulk_create(made["answers"], batch_size=2000)
    EvacuationPlan.objects.bulk_create(made["evacuation"], batch_size=500)
    CommunicationPlan.objects.bulk_create(made["communication"], batch_size=500)
    Drill.objects.bulk_create(made["drills"], batch_size=500)
    demo.kept["plans"] = [plan for plan in made["evacuation"] if plan.status == PlanStatus.APPROVED]


def _plan(demo: Demo, site: Site, model: Any, key: str, made: dict[str, list[Any]]) -> None:
    dice, people = demo.dice, site.baseline
    approved = demo.now - timedelta(days=dice.randint(2, 60))
    plan = model(
        id=uuid7(), organisation_id=site.organisation_id, site=site, status=PlanStatus.APPROVED, approved_at=approved,
        created_at=approved, next_review_on=review_date(site.alert_level, timezone.localdate(approved)),
        title="Evacuation plan" if key == "evacuation" else "Communication plan",
        owner_role="Site manager", deputy_role="HSE lead",
    )  # fmt: skip
    gaps = dice.choice(((), (), (), (), ("17",), ("4", "19"), ("15",), ("12", "7", "14", "18")))
    instrument = load(model.instrument)
    answers = {item.code: AnswerValue("NOT_MET" if item.code in gaps else "MET", "", "") for item in instrument.items}
    assessment = Assessment(
        id=uuid7(), organisation_id=site.organisation_id, site=site, instrument=instrument.name, version=instrument.version,
        subject_type=model._meta.label, subject_id=plan.pk, result=score(instrument, answers).as_json(), started_at=approved,
        answered_at=approved, completed_at=approved,
    )  # fmt: skip
    plan.assessment = assessment
    if key == "evacuation":
        plan.destination = "Lviv" if site.country == "UA" else ""
        plan.expected_evacuees, plan.family_estimate = people, people * 3 // 5
        leaving = people + people * 3 // 5
        plan.trips = dice.choice((2, 3, 4))
        plan.seats = max(8, leaving // plan.trips + dice.choice((-12, 2, 5, 9, 14)))
        plan.shelter_capacity = max(0, site.largest_shift + dice.choice((-12, 0, 0, 10, 30)))
        plan.beds = leaving + dice.choice((-9, 0, 4, 20))
        plan.shelters = [{"name": "Basement of the main building", "capacity": plan.shelter_capacity, "distance_m": 40}]
        plan.routes = [
            {"name": "Main road west", "mode": "BUS", "km": 120, "hours": 4, "via": ""}
            | ({"crossing": "krakivets-korczowa"} if site.country == "UA" else {})
        ]
        plan.assembly_points = [{"name": "North gate"}, {"name": "School yard"}]
    else:
        plan.primary_channel, plan.fallback_channel, plan.silent_hours = "Group message", "SMS and notice board", 6
        plan.call_tree = [
            {"name": "Site manager", "deputy": "HSE lead", "number": "2101", "people": 4},
            {"name": "Shift lead, day", "deputy": "Line lead", "number": "2102", "called_by": "Site manager", "people": 8},
            {"name": "Shift lead, night", "deputy": "Line lead", "number": "2103", "called_by": "Site manager", "people": 8},
            {"name": "Agency contact", "deputy": "", "number": "2104", "called_by": "Shift lead, day", "people": 12},
        ]
        plan.tested_on = approved.date()
        plan.attempted, plan.reached = people, people - people // dice.choice((12, 30, 60))
    made["assessments"].append(assessment)
    made["answers"] += [
        Answer(organisation_id=site.organisation_id, assessment=assessment, item=code, value=answer.value)
        for code, answer in answers.items()
    ]
    made[key].append(plan)


def _drill(demo: Demo, site: Site, *, overdue: bool) -> Drill:
    held = demo.now.date() - timedelta(days=130 if overdue else demo.dice.randint(3, 55))
    result = demo.dice.choice(("PASS", "PASS", "PARTIAL", "FAIL"))
    due = drill_due(site.alert_level, None if result == "FAIL" else held, held)
    return Drill(
        organisation_id=site.organisation_id, site=site, kind=demo.dice.choice(("TABLETOP", "SHELTER", "FULL")), held_on=held,
        participants=site.largest_shift, target_minutes=15, minutes=demo.dice.randint(9, 26), next_due_on=due,
        result=result, shifts=demo.dice.choice(("Day", "Night", "All three")),
        lessons="Second exit was locked; key now at the gate.",
        recorded_at=demo.now - (demo.now.date() - held),
    )  # fmt: skip


def _draft_to_approve(demo: Demo, made: dict[str, list[Any]]) -> None:
    """A new revision of the first plan of the tour's member, put forward an hour ago: more seats, and one item better."""
    old = next((plan for plan in made["evacuation"] if plan.organisation_id == demo.kept["halden"].pk), None)
    if old is None:
        return
    _plan(demo, old.site, EvacuationPlan, "evacuation", made)
    draft = made["evacuation"][-1]
    draft.revision, draft.status, draft.title, draft.seats = 2, PlanStatus.DRAFT, old.title, (old.seats or 0) + 24
    draft.approved_at = draft.next_review_on = None
    draft.created_at = demo.now - timedelta(days=1)
    draft.approval_asked_at = demo.now - timedelta(hours=1)
