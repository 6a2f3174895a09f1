"""Demo: what a coordinator has on her desk, that is the roles she calls and the views of lists that she saved."""

from aimprogress.web.demo import Demo, demo_loader
from aimprogress.web.models import SavedView
from members.models import CallContact

CALLED = (("Regional safety lead", "+380441230101", "day and night"), ("Plant security desk", "+380441230102", "20:00-08:00"))
VIEWS = (
    ("members:sites", "Silent or late", "freshness=NEVER&freshness=OVERDUE&freshness=STALE"),
    ("members:sites", "Level 3 and no plan", "alert_level=3&plan=missing"),
    ("humanitarian:actions", "Overdue", "state=overdue"),
)


@demo_loader("the coordinator's desk", order=57)
def load_desk(demo: Demo) -> None:
    """The call list of every member, and the saved views of the coordinator of the tour."""
    for member in demo.kept["members"]:
        for place, (role, number, hours) in enumerate(CALLED, start=1):
            CallContact(organisation=member, role=role, number=number, hours=hours, place=place).save(force_insert=True)
    coordinator = demo.kept["users"]["coordinator@halden.example"]
    for page, name, query in VIEWS:
        SavedView(organisation=demo.kept["members"][0], user=coordinator, page=page, name=name, query=query).save(
            force_insert=True
        )
