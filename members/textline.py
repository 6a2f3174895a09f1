"""The text line of a phone without a signal: at most 160 characters, an alias, two answers, a keyed code and a check digit.

    WILLOW42 17 2611272014 E U12 7K3QZ9X
    alias, number of the check-in, minute in UTC, how the site is, its people, code of six signs and the check digit

It names no place, no company and nobody. The check digit (ISO 7064, MOD 37,36) finds a slip of the pen; the code, made with a
key that only the phone and the portal hold, a line that somebody made up. static/js/checkin.js writes the same line.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum.iso7064 import mod_37_36

LONGEST = 160
STATUS = {"O": "OPERATING", "R": "REDUCED", "S": "SUSPENDED", "E": "EVACUATED", "C": "", "N": ""}
PEOPLE = {"A": "all", "R": "reached", "H": "help", "N": ""}
SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LOOK_ALIKE = str.maketrans("АВСЕНІКМОРТХУ", "ABCEHIKMOPTXY")  # typed on a Cyrillic keyboard
_SHAPE = re.compile(r"([A-Z]{3,7}\d{2,4}) (\d{1,9}) (\d{10}) ([ORSECN]) (A|R|H|N|U\d{1,6}) ([0-9A-Z]{6})([0-9A-Z])", re.ASCII)


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line, read. `said` is what its code covers."""

    alias: str
    seq: int
    at: datetime
    answers: dict[str, Any]
    said: str
    code: str

    def fits(self, key: str) -> bool:
        """Whether the code was made with the key of a phone (hexadecimal)."""
        return hmac.compare_digest(self.code, code_of(self.said, key))


def read_line(text: str) -> TextLine:
    """Read a line as somebody typed it. Raises ValidationError for one that is no line or has a slip in it."""
    tidy = " ".join(text.upper().translate(LOOK_ALIKE).split())
    found = _SHAPE.fullmatch(tidy) if len(tidy) <= LONGEST else None
    if found is None:
        raise ValidationError({"text": _("This is no text line: it has six parts, the first is the name of a phone.")})
    alias, seq, minute, status, people, code, _check = found.groups()
    if not mod_37_36.is_valid(tidy.replace(" ", "")):
        raise ValidationError({"text": _("One character is wrong or missing. Compare the line sign by sign.")})
    try:
        at = datetime.strptime(minute, "%y%m%d%H%M").replace(tzinfo=UTC)
    except ValueError:
        raise ValidationError({"text": _("The time in this line does not exist.")}) from None
    unsure = people.startswith("U")
    answers = {
        "same": status == "C", "operational": STATUS[status], "people": "unsure" if unsure else PEOPLE[people],
        "not_reached": int(people[1:]) if unsure else None,
    }  # fmt: skip
    return TextLine(alias, int(seq), at, answers, tidy.rsplit(" ", 1)[0], code)


def code_of(said: str, key: str) -> str:
    """Six signs, thirty bits, of an HMAC-SHA256."""
    number = int.from_bytes(hmac.new(bytes.fromhex(key), said.encode(), hashlib.sha256).digest()[:4]) >> 2
    return "".join(SIGNS[number >> shift & 31] for shift in range(25, -1, -5))


def write_line(alias: str, seq: int, at: datetime, status: str, people: str, key: str) -> str:
    """The line that a phone would write; for tests and the demo."""
    said = f"{alias} {seq} {at.astimezone(UTC):%y%m%d%H%M} {status} {people}"
    signed = f"{said} {code_of(said, key)}"
    return signed + mod_37_36.calc_check_digit(signed.replace(" ", ""))
