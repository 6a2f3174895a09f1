"""Public emergency numbers, each with the act or service that names it. A country without one here has none printed.

Sources: 112 in the European Union: Directive (EU) 2018/1972, article 109. Ukraine: fire 101, police 102, ambulance 103,
national numbering plan. Moldova: 112, law no. 174 of 2014 on the single emergency call service.
"""

EUROPEAN_UNION = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT",
    "NL", "PL", "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip
NUMBERS: dict[str, tuple[str, ...]] = {**dict.fromkeys(EUROPEAN_UNION, ("112",)), "UA": ("101", "102", "103"), "MD": ("112",)}


def emergency_numbers(country: str) -> tuple[str, ...]:
    """The numbers to call in `country` (ISO 3166-1 alpha-2); empty: say "call your local emergency number"."""
    return NUMBERS.get(country, ())
