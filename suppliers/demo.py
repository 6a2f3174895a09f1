"""Demo: invented suppliers of the demo's members, with what is bought from them."""

from datetime import timedelta

from aimprogress.places.models import Settlement
from aimprogress.web.demo import Demo, demo_loader
from suppliers.models import AssessmentState, Exposure, Supplier, SupplyLink

FIRST = (
    "Zoria",
    "Stepova",
    "Prairie",
    "Nord",
    "Kalyna",
    "Vistula",
    "Danube",
    "Horyn",
    "Ostra",
    "Sian",
    "Tisa",
    "Bukovyna",
    "Lipa",
    "Rosa",
)
SECOND = (
    "Oil",
    "Grain",
    "Pack",
    "Glass",
    "Logistics",
    "Sugar",
    "Board",
    "Milling",
    "Dairy",
    "Labels",
    "Pallets",
    "Farms",
    "Salt",
    "Cans",
)
COMMODITIES = ("SFO", "WHE", "BRD", "GLA", "LOG", "SUG", "PAP", "FLO", "DAI", "PKG", "WOO", "BAR", "SAL", "ALU")
COUNTRIES = ("UA", "UA", "UA", "PL", "PL", "RO", "HU", "SK", "MD", "BG", "LT", "TR")
SUPPLIERS_PER_MEMBER = 110


@demo_loader("suppliers", order=60)
def load_suppliers(demo: Demo) -> None:
    dice = demo.dice
    towns = {country: list(Settlement.objects.filter(country=country, admin1__isnull=False)[:40]) for country in set(COUNTRIES)}
    suppliers, links = [], []
    for member in demo.kept["members"]:
        for n in range(SUPPLIERS_PER_MEMBER if member is not demo.kept["halden"] else 150):
            country = dice.choice(COUNTRIES)
            town = dice.choice(towns[country]) if towns[country] else None
            topic = dice.randrange(len(SECOND))
            supplier = Supplier(
                organisation=member, name=f"{dice.choice(FIRST)} {SECOND[topic]} {n + 1}", country=country,
                admin1_id=town.admin1_id if town else None, city=town.name if town else "", sector=SECOND[topic],
                workers=dice.choice((None, 12, 40, 85, 160, 300, 720)),
                exposure=dice.choice(Exposure.values) if country == "UA" else dice.choice((Exposure.NONE, Exposure.NONE, Exposure.INPUTS)),
                assessment_state=dice.choice(AssessmentState.values), assessed_on=demo.now.date() - timedelta(days=dice.randint(20, 900)),
            )  # fmt: skip
            suppliers.append(supplier)
            links.append(
                SupplyLink(
                    organisation=member, supplier=supplier, tier=dice.choice(("T1", "T1", "T1", "T2", "T4_FARM_RAW", "SERVICE", "LABOUR")),
                    commodity=COMMODITIES[topic], spend=dice.choice(SupplyLink.Spend.values), since=demo.now.date() - timedelta(days=1500),
                    status="ACTIVE",
                )
            )  # fmt: skip
    Supplier.objects.bulk_create(suppliers, batch_size=1000)
    SupplyLink.objects.bulk_create(links, batch_size=1000)
