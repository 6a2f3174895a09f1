"""The words for the codes of a snapshot. The snapshot is the same in every language; only these differ."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models.evacuation import ActivationReason, Leaving
from risks import codes

STATES = {
    "SAFE_LOCAL": _("Safe, at usual place"),
    "SAFE_IDP": _("Safe, displaced inside the country"),
    "SAFE_ABROAD": _("Safe, displaced abroad"),
    "SERVING": _("Serving in armed forces"),
    "INJURED": _("Injured, alive"),
    "DETAINED": _("Detained, captive or deported"),
    "MISSING": _("Officially reported missing"),
    "UNACCOUNTED": _("No contact in the time allowed"),
    "KILLED": _("Killed, since the baseline"),
}
STRICT_STATES = frozenset({"SERVING", "DETAINED", "MISSING", "KILLED"})
OVERLAYS = {
    "remote_working": _("Working remotely"),
    "relocated_by_company": _("Relocated by the company"),
    "families_supported": _("Families supported"),
    "family_members_with_them": _("Family members with them"),
    "needs_urgent_help": _("In need of urgent help"),
    "injured_at_work": _("Injured at work in the period"),
    "on_full_pay": _("On full pay"),
    "on_partial_pay": _("On partial pay"),
    "unpaid": _("Unpaid"),
    "women": _("Women"),
    "men": _("Men"),
}
STATUSES = {
    "OPERATING": _("Operating"),
    "REDUCED": _("Reduced"),
    "ESSENTIAL_ONLY": _("Essential only"),
    "SUSPENDED": _("Suspended"),
    "EVACUATED": _("Evacuated"),
    "RELOCATED": _("Moved"),
    "CLOSED": _("Closed"),
    "DIVESTED": _("Sold"),
    "NO_CONTACT": _("No contact"),
    "UNKNOWN": _("No contact"),
    "NOT_REPORTED": _("Not reported"),
}
STATUS_MARKS = {
    "OPERATING": "ok",
    "ESSENTIAL_ONLY": "ok",
    "REDUCED": "reduced",
    "RELOCATED": "reduced",
    "SUSPENDED": "paused",
    "EVACUATED": "evac",
    "CLOSED": "closed",
    "DIVESTED": "closed",
    "NO_CONTACT": "lost",
    "UNKNOWN": "lost",
}
GROUPS = {
    "ok": _("Operating"),
    "reduced": _("Reduced"),
    "moved": _("Moved"),
    "paused": _("Paused"),
    "evac": _("Evacuated"),
    "lost": _("No contact"),
    "closed": _("Closed"),
    "none": _("Not reported"),
}
FRESHNESS = {
    "CURRENT": _("current"),
    "DUE_SOON": _("due"),
    "OVERDUE": _("overdue"),
    "STALE": _("stale"),
    "NEVER": _("never"),
}
FRESHNESS_MARKS = {"CURRENT": "cur", "DUE_SOON": "due", "OVERDUE": "ovd", "STALE": "sta", "NEVER": "nev"}
ALERTS = {0: _("normal"), 1: _("watch"), 2: _("high"), 3: _("severe"), 4: _("extreme")}
PLANS = {
    "ADEQUATE": _("adequate"),
    "APPROVED": _("approved, not adequate"),
    "DRAFT": _("draft only"),
    "EXPIRED": _("expired"),
    "NONE": _("none"),
}
BANDS = {
    "CRITICAL": pgettext_lazy("band of an issue", "critical"),
    "HIGH": pgettext_lazy("band of an issue", "high"),
    "MEDIUM": pgettext_lazy("band of an issue", "medium"),
    "LOW": pgettext_lazy("band of an issue", "low"),
}
INVOLVEMENT = {
    "CAUSE": pgettext_lazy("our part in an impact", "cause"),
    "CONTRIBUTE": pgettext_lazy("our part in an impact", "contribute"),
    "LINKED": pgettext_lazy("our part in an impact", "linked"),
    "NONE": pgettext_lazy("our part in an impact", "none"),
    "UNKNOWN": pgettext_lazy("our part in an impact", "not yet assessed"),
}
COUNTRY_GROUPS = {
    "CONFLICT": _("in conflict"),
    "PARTY": _("party to the conflict"),
    "NEIGHBOUR": _("neighbour"),
    "HOST": _("host or transit"),
    "GLOBAL": _("elsewhere"),
}
AREA_STATUSES = {
    "OCCUPIED": _("occupied"),
    "ACTIVE_HOSTILITIES": _("active hostilities"),
    "NEAR_FRONT": _("near the front"),
    "TENSION": _("possible hostilities"),
    "RETURNED": _("occupation ended"),
    "STABLE": _("stable"),
    "UNKNOWN": _("unknown"),
}
SITE_KINDS = {
    "FACTORY": _("factory"),
    "BREWERY": _("brewery"),
    "CO_PACKER": _("co-packer"),
    "WAREHOUSE": _("warehouse"),
    "OFFICE": _("office"),
    "FARM": _("farm"),
    "DEPOT": _("depot"),
    "PORT_TERMINAL": _("port terminal"),
    "RETAIL": _("shop"),
    "REMOTE_TEAM": _("remote team"),
}
ACTION_STATUSES = {
    "OPEN": _("open"),
    "IN_PROGRESS": _("in progress"),
    "BLOCKED": _("blocked"),
    "DONE": _("done"),
    "CANCELLED": _("cancelled"),
}
LEAVING = dict(Leaving.choices)
LEAVING_BECAUSE = dict(ActivationReason.choices)
RIGHTS = dict(codes.RIGHTS)
AFFECTED = dict(codes.GROUPS)
FIGURES = {
    "scope": _("Sites, countries and exclusions"),
    "alert_levels": _("Changes of the alert level"),
    "area_status": _("Conflict status of areas, official list"),
    "site_status": _("Site status, latest row of each site"),
    "head_counts": _("Head counts, latest of each site"),
    "overlays": _("Circumstances beside the states"),
    "plans": _("Evacuation plans in force"),
    "capacity": _("Capacity of seats and shelter"),
    "drills": _("Drills"),
    "evacuations": _("Evacuations, by activated plan"),
    "returns": _("Sites that people left, not cleared to return"),
    "roll_calls": _("Roll calls by round"),
    "stops": _("What was settled where work stopped"),
    "checks": _("Checklists that sites are asked for"),
    "communication": _("Communication plans and tests"),
    "actions": _("Safety actions"),
    "pay": _("Pay of the month, by contract group"),
    "measures": _("Support measures for own people"),
    "issues": _("Register of issues with scores"),
    "suppliers": _("Suppliers and supply links"),
    "contributions": _("Contributions to partners"),
    "rates": _("Exchange rates used"),
    "quality": _("Freshness and coverage of every data set"),
}
SOURCES = {
    "DIRECT": _("own staff"),
    "DOC": _("document"),
    "WORKER_REP": _("workers' representative"),
    "PARTNER": _("partner organisation"),
    "PUBLIC": _("public source"),
    "EST": _("estimate"),
    "COMPUTED": _("computed by the portal"),
    "RECORD": _("member's own records"),
}
DATASETS = {
    "site_status": _("Site status"),
    "head_counts": _("Head counts"),
    "evacuation_plans": _("Evacuation plans"),
    "communication_plans": _("Communication plans"),
    "wages": _("Wages"),
    "complaints": _("Complaints"),
}
TIERS = {
    "T1": _("Tier 1, direct"),
    "T2": _("Tier 2"),
    "T3": _("Tier 3"),
    "T4_FARM_RAW": _("Tier 4, farm or raw material"),
    "SERVICE": _("Services"),
    "LABOUR": _("Labour providers"),
    "UNKNOWN": _("Tier not reported"),
}
COMMODITIES = {
    "SFO": _("Sunflower oil and seed"),
    "RAP": _("Rapeseed"),
    "SOY": _("Soy"),
    "WHE": _("Wheat"),
    "MAI": _("Maize"),
    "BAR": _("Barley and malt"),
    "BUC": _("Buckwheat and millet"),
    "FLO": _("Flour and starch"),
    "SUG": _("Sugar"),
    "DAI": _("Dairy"),
    "EGG": _("Eggs"),
    "POU": _("Poultry"),
    "HON": _("Honey"),
    "NUT": _("Nuts"),
    "BER": _("Berries"),
    "PUL": _("Pulses"),
    "FIS": _("White fish"),
    "CON": _("Confectionery fats"),
    "SAL": _("Salt"),
    "MIN": _("Mineral water"),
    "ALC": _("Ethanol"),
    "ETH": _("Ethanol"),
    "TOB": _("Tobacco"),
    "FER": _("Fertiliser"),
    "AMM": _("Ammonia"),
    "GAS": _("Energy"),
    "EN": _("Energy"),
    "CO2": _("Carbon dioxide"),
    "PAP": _("Pulp and paper"),
    "BRD": _("Corrugated board"),
    "WOO": _("Wood and pallets"),
    "GLA": _("Glass"),
    "PET": _("Plastics"),
    "ALU": _("Aluminium and cans"),
    "STE": _("Tinplate and cans"),
    "CHE": _("Chemicals"),
    "KAO": _("Clay and kaolin"),
    "TEX": _("Textiles"),
    "LOG": _("Transport"),
    "TEMP": _("Labour agencies"),
    "CAT": _("Catering and security"),
    "ITS": _("IT services"),
    "PKG": _("Labels"),
}
MONEY_KINDS = {
    "CASH": _("money"),
    "IN_KIND": _("goods"),
    "SERVICE": _("services"),
    "MATCH": _("match of employees' gifts"),
    "STAFF_TIME": _("staff time"),
}
CLASSIFICATIONS = {"INTERNAL": _("CONFIDENTIAL · internal edition")}
REPORT_STATUSES = {
    "DRAFT": _("Draft, not yet approved"),
    "CHECKED": _("Checked, not yet approved"),
    "MEMBER_APPROVED": _("Approved by the member"),
    "ISSUED": _("Issued"),
}
ROLES = {
    "MEMBER_COORDINATOR": _("member coordinator"),
    "MEMBER_VIEWER": _("member viewer"),
    "AIM_ANALYST": _("AIM-Progress analyst"),
}


def word(words: dict, code: object) -> str:
    """The word for a code in the active language; an unknown code prints as it is, so that nothing disappears."""
    return str(words.get(code, code))


WAGE_POLICIES = {
    "FULL": _("Full wage"),
    "DOWNTIME": _("Statutory idle pay, at least two thirds"),
    "PARTIAL": _("A part of the wage"),
    "ADVANCE": _("Paid months ahead"),
    "SUSPENDED": _("Contract suspended"),
    "NONE": _("No pay"),
}
CONTRACT_GROUPS = {"OWN": _("Own employees"), "AGENCY": _("Agency workers"), "CONTRACTOR": _("Contractors on site")}
EFFECTS = {
    "NOT_YET": _("Not known yet"),
    "NONE": _("No effect"),
    "SOME": _("Some effect"),
    "FULL": _("Full effect"),
}
SUPPORT_TYPES = {
    "EMERGENCY_GRANT": _("Emergency grant"),
    "LOAN_FREE": _("Loan without interest"),
    "SALARY_ADVANCE": _("Advance on the wage"),
    "RELOCATION_GRANT": _("Relocation grant"),
    "TRANSPORT": _("Transport to safety"),
    "ACCOMMODATION": _("Accommodation"),
    "FOOD_HYGIENE": _("Food and hygiene"),
    "MEDICAL": _("Medical help"),
    "PSYCHOSOCIAL": _("Psychosocial support"),
    "FUNERAL_BEREAVEMENT": _("Funeral and bereavement"),
    "LIFE_INSURANCE": _("Life insurance"),
    "LEGAL_AID": _("Legal aid"),
    "DOCUMENT_HELP": _("Help with documents"),
    "CHILDCARE_SCHOOL": _("Childcare and school"),
    "LANGUAGE": _("Language courses"),
    "JOB_TRANSFER": _("A job at another site"),
    "IT_REMOTE_KIT": _("Equipment for remote work"),
    "GENERATOR_WINTER": _("Generators and winter help"),
    "VETERAN_REINTEGRATION": _("Return of veterans to work"),
    "HOTLINE": _("Hotline"),
}
