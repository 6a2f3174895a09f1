"""Plans for tests: the one of scenario 8 (domain 10.2), and whatever else a page needs."""

from typing import Any

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.instruments.engine import AnswerValue, load
from members.models import CommunicationPlan, EvacuationPlan, Site
from members.services.plans import answer_plan, approve_plan, draft_communication_plan, draft_evacuation_plan

SECRETS = {
    "route": "Past the old mill and over the wooden bridge",
    "shelter": "Cellar under hall three",
    "point": "Behind the school in Linden street",
    "note": "Ask for the gate of the neighbours",
}
SCENARIO_8 = {"seats": 100, "trips": 3, "expected_evacuees": 210, "family_estimate": 126}
NOT_MET_IN_8 = ("10", "15", "17")  # 17 of 20 met, among the missing the seats and the critical border rules


def an_evacuation_plan(
    site: Site, *, approved: bool = True, not_met: tuple[str, ...] = NOT_MET_IN_8, **fields: Any
) -> EvacuationPlan:
    """A plan written, answered and, unless said otherwise, approved as SYSTEM, with places nobody else may read."""
    answers = {
        item.code: AnswerValue("NOT_MET" if item.code in not_met else "MET", SECRETS["note"] if item.code == "6" else "")
        for item in load("evacuation_plan").items
    }
    with acting_as(SYSTEM):
        plan = draft_evacuation_plan(
            site=site,
            **{
                "title": "Plan B: Poltava", "owner_role": "Site manager", "deputy_role": "HSE lead", "destination": "Poltava",
                "shelter_capacity": 110, "beds": 340, **SCENARIO_8, **({} if "10" in not_met else {"seats": 112}),
                "routes": [{"name": "North", "mode": "BUS", "km": 140, "hours": 3.5, "via": SECRETS["route"]}],
                "shelters": [{"name": SECRETS["shelter"], "capacity": 110, "distance_m": 90}],
                "assembly_points": [
                    {"name": SECRETS["point"], "code_word": "OAK"}, {"name": "Market hall", "code_word": "BRIDGE"},
                ],
                **fields,
            },
        )  # fmt: skip
        answer_plan(plan=plan, answers=answers)
        if approved:
            approve_plan(plan=plan)
        site.refresh_from_db()
    return plan


CALLS = [
    {"name": "Site manager", "deputy": "HSE lead", "number": "+380 44 000 1101", "people": 2},
    {"name": "Shift lead day", "deputy": "Foreman", "number": "1102", "called_by": "Site manager", "people": 10},
    {"name": "Shift lead night", "called_by": "Site manager", "people": 13},
    {"name": "Agency contact", "deputy": "Agency desk", "number": "1104", "called_by": "Shift lead day", "people": 4},
]


def a_communication_plan(site: Site, *, approved: bool = True, met: int = 12, **fields: Any) -> CommunicationPlan:
    answers = {item.code: AnswerValue("MET") for item in load("communication_plan").items[:met]}
    with acting_as(SYSTEM):
        text = {"title": "How we reach each other", "primary_channel": "Call tree by shift", "call_tree": CALLS}
        plan = draft_communication_plan(site=site, **text | fields)
        answer_plan(plan=plan, answers=answers)
        if approved:
            approve_plan(plan=plan)
    return plan
