"""The demo's roll calls: those of the evacuations, one that is half answered, one that ended well."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from aimprogress.web.demo import Demo, demo_loader
from members.models import PlanActivation, RollCall, RollCallAnswer, Site
from members.rounds import ROUNDS, WHOLE, due_at
from members.services.roll_calls import parts_now

UNREACHED = {1: (3, 1), 2: (1, 0), 3: (0, 0), 4: (0, 0)}
"""Not reached and in need of help by round, in the largest part; everybody else is safe."""


@demo_loader("roll calls", order=52)
def load_roll_calls(demo: Demo) -> None:
    """An evacuation asks for everybody; at two sites of the tour's member a strike did."""
    under_way = PlanActivation.objects.filter(stood_down_at=None).select_related("site")
    RollCall.objects.bulk_create(_roll_call(one.site, "EVACUATION", one.activated_at) for one in under_way)
    busy = {one.site_id for one in under_way}
    ours = [site for site in demo.kept["sites"] if site.organisation_id == demo.kept["halden"].pk and site.pk not in busy]
    struck = [site for site in ours if site.country == "UA" and site.alert_level >= 2 and not site.safety_profile][:2]
    if len(struck) == 2:
        _half_answered(struck[0], demo.now - timedelta(hours=7))
        _ended_well(struck[1], demo.now - timedelta(days=12))


def _half_answered(site: Site, began: datetime) -> None:
    """The first round is complete; of the second, now overdue, the last part is missing."""
    roll_call = _roll_call(site, "MISSILE_DRONE", began)
    roll_call.due_at = due_at(began, 1)
    roll_call.save(force_insert=True)
    parts = _people(roll_call)
    _answer(roll_call, 1, parts)
    _answer(roll_call, 2, dict(list(parts.items())[:-1]))


def _ended_well(site: Site, began: datetime) -> None:
    roll_call = _roll_call(site, "SHELLING", began)
    roll_call.due_at, roll_call.closed_at = None, began + ROUNDS[-1] + timedelta(hours=1)
    roll_call.save(force_insert=True)
    for number in UNREACHED:
        _answer(roll_call, number, _people(roll_call))


def _roll_call(site: Site, incident: str, began: datetime) -> RollCall:
    return RollCall(
        organisation_id=site.organisation_id, site=site, incident=incident, began_at=began,
        opened_at=began + timedelta(minutes=5), parts=parts_now(site), due_at=due_at(began, 0),
    )  # fmt: skip


def _people(roll_call: RollCall) -> Mapping[str, int]:
    return {part["role"]: part["people"] for part in roll_call.parts} or {WHOLE: roll_call.site.baseline}


def _answer(roll_call: RollCall, number: int, people: Mapping[str, int]) -> None:
    """What each part said twenty minutes before the round was due."""
    at = roll_call.began_at + ROUNDS[number - 1] - timedelta(minutes=20)
    made = []
    for part, expected in people.items():
        not_reached, need_help = UNREACHED[number] if expected == max(people.values()) else (0, 0)
        made.append(
            RollCallAnswer(
                organisation_id=roll_call.organisation_id, site_id=roll_call.site_id, roll_call=roll_call, round=number,
                part=part, expected=expected, safe=expected - not_reached - need_help, need_help=need_help,
                not_reached=not_reached, observed_at=at, recorded_at=at + timedelta(minutes=2),
            )
        )  # fmt: skip
    RollCallAnswer.objects.bulk_create(made)
