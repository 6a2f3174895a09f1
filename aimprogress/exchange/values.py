"""One cell, read: the value as understood, what was done to it, and what is wrong with it. Pure; no cell is guessed silently."""

import calendar
import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from aimprogress.exchange.countries import country_code
from aimprogress.exchange.reading import Value, is_blank
from aimprogress.exchange.text import clean, is_nothing, key, mend, mixes_scripts

Remark = tuple[str, dict[str, Any]]
"""A code of `wording` and its parameters."""


@dataclass(frozen=True, slots=True)
class Read:
    """A cell as understood. `error` stops the row; `checks` point at the cell; `notes` say what was done to it."""

    value: Any = None
    notes: tuple[Remark, ...] = ()
    checks: tuple[Remark, ...] = ()
    error: Remark | None = None
    suggestion: str = ""


NOTHING = Read()


def whole(value: Value) -> str:
    """The cell as its author sees it."""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time.min else value.isoformat(" ", "minutes")
    return "" if value is None else clean(str(value))


def shown(value: Value) -> str:
    """The same, cut to a length that fits a message."""
    text = whole(value)
    return text if len(text) <= 80 else text[:79] + "…"


def is_formula_text(value: Value) -> bool:
    """Text that a spreadsheet would calculate: =1+1, @SUM(A1), +cmd|... Phone-like and negative numbers are none."""
    if not isinstance(value, str):
        return False
    text = value.lstrip()
    return bool(re.match(r"[=@](?=[A-Za-z(+\-\d'\"|])", text)) or bool(re.match(r"[+\-][A-Za-z(].*[(!|]", text))


def read_text(value: Value, *, most: int = 200) -> Read:
    """Words for display: invisible signs and double spaces gone, look-alike letters kept and pointed at."""
    if is_blank(value):
        return NOTHING
    plain = clean(shown(value) if isinstance(value, dt.date) else str(value))
    if is_nothing(plain):
        return NOTHING
    text = mend(plain)
    notes: list[Remark] = []
    if text != plain:
        notes.append(("mended_letters", {"value": plain, "read": text}))
    if mixes_scripts(text):
        notes.append(("two_scripts", {"value": text}))
    if len(text) > most:
        return Read(error=("too_long", {"most": most}))
    return Read(text, tuple(notes))


_BOUND = re.compile(r"^(?:<|≤|<=|до|up to|max\.?|bis|max|under|less than|менше|менее|poniżej)\s*", re.IGNORECASE)
_ABOUT = re.compile(r"^(?:~|≈|ca\.?|approx\.?|about|близько|около|бл\.|ok\.)\s*", re.IGNORECASE)
_NUMBER = re.compile(r"^([+-]?\d[\d  .,'’]*)\s*([^\d]*)$")
_SPAN = re.compile(r"^(\d[\d .,]*)\s*[-–—]\s*(\d[\d .,]*)$")
_LETTERS = {"O": "0", "o": "0", "О": "0", "о": "0", "l": "1", "I": "1", "І": "1", "З": "3", "S": "5", "B": "8"}


def read_count(value: Value, *, most: int = 2_000_000) -> Read:
    """A whole number of people or places. "< 1.000" and "100-200" are upper bounds: value None, note `upper_bound`."""
    if is_blank(value):
        return NOTHING
    if isinstance(value, (bool, dt.date, dt.time, dt.timedelta)):
        return Read(error=("not_a_number", {"value": shown(value)}))
    if isinstance(value, (int, float)):
        return _whole(value, shown(value), most)
    text = clean(value).rstrip("=").strip()
    if is_nothing(text):
        return NOTHING
    bound, about, span = _BOUND.match(text), _ABOUT.match(text), _SPAN.match(text)
    if span:
        text, bound = span[2], span
    elif bound or about:
        text = text[(bound or about).end() :]
    number = _grouped(text)
    if number is None:
        return _no_number(clean(value))
    if bound:
        if number > most:
            return Read(error=("number_too_large", {"value": shown(value)}))
        return Read(None, (("upper_bound", {"value": clean(value), "read": number}),))
    read = _whole(number, clean(value), most)
    plain = clean(value).replace(" ", "")
    if read.error is None and not read.checks and plain not in (str(number), f"{number}="):
        return Read(read.value, (("read_as", {"value": clean(value), "read": number}),))
    return read


def upper_bound(read: Read) -> int | None:
    """The bound that `read_count` found, if that is what stood in the cell."""
    return next((params["read"] for code, params in read.notes if code == "upper_bound"), None)


def _grouped(text: str) -> float | int | None:
    found = _NUMBER.match(text.rstrip("+").strip())
    if not found or len(found[2]) > 20 or (found[2] and found[2][0] in "%/:"):
        return None
    if len(found[2]) == 1 and found[2] in _LETTERS and not found[1].endswith((" ", " ")):
        return None  # 24O: a letter where a digit belongs
    digits = re.sub(r"[\s  '’]", "", found[1]).rstrip(".,")
    if re.fullmatch(r"[+-]?\d{1,3}([.,]\d{3})+", digits):
        digits = re.sub(r"[.,]", "", digits)
    try:
        number = float(digits.replace(",", "."))
    except ValueError:
        return None
    return int(number) if number.is_integer() else number


def _whole(number: float, text: str, most: int) -> Read:
    if not float(number).is_integer():
        return Read(error=("not_a_number", {"value": text}))
    if abs(number) > most:
        return Read(error=("number_too_large", {"value": text}))
    if number < 0:
        return Read(int(-number), checks=(("check_negative", {"value": text, "read": int(-number)}),))
    return Read(int(number))


def _no_number(text: str) -> Read:
    letters = [sign for sign in text if sign in _LETTERS]
    mended = "".join(_LETTERS.get(sign, sign) for sign in text)
    if letters and mended.replace(" ", "").isdigit() and any(sign.isdigit() for sign in text):
        return Read(error=("letter_in_number", {"value": text, "letter": letters[0]}), suggestion=mended.replace(" ", ""))
    return Read(error=("not_a_number", {"value": text}))


def read_percentage(value: Value) -> Read:
    """A share in per cent, 0-100. A bare fraction stored by the spreadsheet (0.64) is read as 64."""
    if is_blank(value) or (isinstance(value, str) and is_nothing(clean(value))):
        return NOTHING
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = float(value) * 100 if isinstance(value, float) and 0 < value < 1 else float(value)
    else:
        found = re.fullmatch(r"(\d+(?:[.,]\d+)?)\s*%?", clean(str(value)))
        number = float(found[1].replace(",", ".")) if found else -1.0
    if not 0 <= number <= 100:
        return Read(checks=(("check_percentage", {"value": shown(value)}),))
    return Read(round(number, 2))


def read_country(value: Value) -> Read:
    """An alpha-2 code from a code or a name in any of the languages we know."""
    if is_blank(value):
        return NOTHING
    text = clean(str(value))
    if code := country_code(text):
        return Read(code)
    if is_nothing(text):
        return NOTHING
    parts = [country_code(part) for part in re.split(r"[/,;(]", text)]
    if len(found := {part for part in parts if part}) == 1:
        code = found.pop()
        return Read(code, (("read_as", {"value": text, "read": code}),))
    return Read(error=("not_a_country", {"value": text}))


@lru_cache(maxsize=50)
def _choice_keys(words: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, str]:
    return {key(word): code for code, synonyms in words for word in (code.replace("_", " "), *synonyms)}


def read_choice(value: Value, words: Mapping[str, Iterable[str]]) -> Read:
    """The code whose label or synonym stands in the cell. Something close is only suggested."""
    if is_blank(value):
        return NOTHING
    text = clean(str(value))
    folded = _choice_keys(tuple((code, tuple(synonyms)) for code, synonyms in words.items()))
    if code := folded.get(key(text)):
        return Read(code)
    if is_nothing(text):
        return NOTHING
    close = get_close_matches(key(text), folded, n=1, cutoff=0.6)
    if not close:
        close = [word for word in folded if set(word.split()) & set(key(text).split()) and len(word) > 3][:1]
    return Read(error=("unknown_choice", {"value": text}), suggestion=folded[close[0]] if close else "")


_YES = {"yes", "y", "true", "1", "x", "tak", "ja", "да", "так", "є", "✓", "✔", "oui", "da"}
_NO = {"no", "n", "false", "0", "nie", "nein", "нет", "ні", "немає", "non", "nu"}


def read_yes_no(value: Value) -> Read:
    """True or False from the usual words."""
    if is_blank(value):
        return NOTHING
    text = clean(str(value)).casefold()
    if text in _YES:
        return Read(True)
    return Read(False) if text in _NO else Read(checks=(("check_unreadable", {"value": shown(value)}),))


_MONTHS = {
    1: "january jan січень січня січ январь января янв styczeń stycznia sty januar jan",
    2: "february feb лютий лютого лют февраль февраля фев luty lutego lut februar",
    3: "march mar березень березня бер март марта мар marzec marca marz märz mrz",
    4: "april apr квітень квітня квіт кві апрель апреля апр kwiecień kwietnia kwi",
    5: "may травень травня трав тра май мая maj maja mai",
    6: "june jun червень червня черв чер июнь июня июн czerwiec czerwca cze juni",
    7: "july jul липень липня лип июль июля июл lipiec lipca lip juli",
    8: "august aug серпень серпня серп сер август августа авг sierpień sierpnia sie",
    9: "september sep sept вересень вересня вер сентябрь сентября сен wrzesień września wrz",
    10: "october oct жовтень жовтня жовт жов октябрь октября окт październik października paź oktober okt",
    11: "november nov листопад листопада лист лис ноябрь ноября ноя listopad listopada lis",
    12: "december dec грудень грудня груд гру декабрь декабря дек grudzień grudnia gru dezember dez",
}
_MONTH_OF = {word: month for month, words in _MONTHS.items() for word in words.split()}
_SERIALS = range(20_000, 73_000)  # 1954 to 2099 as spreadsheets count days


def read_date(value: Value, *, month_first: bool | None = None) -> Read:
    """A day as `date`, or "2019-02" where only a month, or "2019" where only a year is given.

    `month_first` says how the column writes 7/1/2019, None where nothing tells. A day that cannot be is an error.
    """
    if is_blank(value):
        return NOTHING
    if isinstance(value, dt.datetime):
        return Read(value.date())
    if isinstance(value, dt.date):
        return Read(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _serial(value)
    if not isinstance(value, str):
        return Read(error=("not_a_date", {"value": shown(value)}))
    text = clean(value).strip(" .")
    if is_nothing(text):
        return NOTHING
    return _numeric_date(text, month_first) or _named_date(text) or Read(error=("not_a_date", {"value": text}))


def _serial(number: float) -> Read:
    if 1900 <= number <= 2100 and float(number).is_integer():
        return Read(str(int(number)))
    if math.isfinite(number) and int(number) in _SERIALS:
        day = dt.date(1899, 12, 30) + dt.timedelta(days=int(number))
        return Read(day, (("read_as", {"value": number, "read": day.isoformat()}),))
    return Read(error=("not_a_date", {"value": number}))


def _numeric_date(text: str, month_first: bool | None) -> Read | None:
    text = re.sub(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$", "", text)
    text = re.sub(r"\s*(р|г|року|года|r)\.?$", "", text)
    if found := re.fullmatch(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})", text):
        return _day(int(found[1]), int(found[2]), int(found[3]), text)
    if found := re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text):
        return _day(int(found[1]), int(found[2]), int(found[3]), text)
    if found := re.fullmatch(r"(\d{4})[-./](\d{1,2})", text):
        return _month(int(found[1]), int(found[2]), text)
    if found := re.fullmatch(r"(\d{1,2})[-./](\d{4})", text):
        return _month(int(found[2]), int(found[1]), text)
    if re.fullmatch(r"(19|20)\d{2}", text):
        return Read(text)
    if re.fullmatch(r"\d{5}", text):
        return _serial(int(text))
    if found := re.fullmatch(r"(\d{1,2})\s?([-./])\s?(\d{1,2})\s?[-./]\s?(\d{4}|\d{2})", text):
        return _day_month(text, found, month_first)
    return None


def _day_month(text: str, found: re.Match[str], month_first: bool | None) -> Read:
    first, second, year = int(found[1]), int(found[3]), _year(found[4])
    if first > 12 or found[2] == ".":
        return _day(year, second, first, text)
    if second > 12:
        return _day(year, first, second, text)
    if month_first is None:
        unpadded = found[2] == "/" and (len(found[1]) == 1 or len(found[3]) == 1)
        month_first = unpadded
        month, day = (first, second) if month_first else (second, first)
        read = _day(year, month, day, text)
        if first != second and read.error is None:
            return Read(read.value, checks=(("check_ambiguous_date", {"value": text, "read": read.value.isoformat()}),))
        return read
    month, day = (first, second) if month_first else (second, first)
    return _day(year, month, day, text)


def writes_month_first(values: Iterable[Value]) -> bool | None:
    """How a column writes its slashed dates, from those that can be read one way only; else from the days around them."""
    pairs, known = [], set()
    for value in values:
        if isinstance(value, str) and (found := re.fullmatch(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d{2})", clean(value))):
            pairs.append((int(found[1]), int(found[2]), _year(found[3])))
            continue
        read = read_date(value, month_first=False)
        if isinstance(read.value, dt.date):
            known.add(read.value)
    day_first = sum(first > 12 for first, second, _ in pairs)
    month_first = sum(second > 12 >= first for first, second, _ in pairs)
    both_ways = [(a, b, year) for a, b, year in pairs if a <= 12 and b <= 12 and a != b]
    for a, b, year in both_ways:
        day_first += dt.date(year, b, a) in known and dt.date(year, a, b) not in known
        month_first += 2 * (dt.date(year, a, b) in known and dt.date(year, b, a) not in known)
    return None if day_first == month_first else month_first > day_first


def _named_date(text: str) -> Read | None:
    words = re.findall(r"[^\W\d_]+|\d+", text.casefold())
    month = next((_MONTH_OF[word] for word in words if word in _MONTH_OF), None)
    numbers = [word for word in words if word.isdecimal()]
    rest = [word for word in words if not word.isdecimal() and word not in _MONTH_OF]
    if (
        month is None
        or not numbers
        or any(len(word) > 4 for word in numbers)
        or any(word not in {"р", "г", "року", "года", "r", "of", "th", "st", "nd", "rd", "y", "рік"} for word in rest)
    ):
        return None
    if len(numbers) == 1:
        return _month(_year(numbers[0]), month, text)
    if len(numbers) > 2:
        return None
    first, second = numbers
    day, year = (second, first) if len(first) == 4 else (first, second)
    return _day(_year(year), month, int(day), text)


def _year(digits: str) -> int:
    number = int(digits)
    return number if number > 99 else (2000 + number if number < 70 else 1900 + number)


def _day(year: int, month: int, day: int, text: str) -> Read:
    if not (1 <= month <= 12 and 1900 <= year <= 2100):
        return Read(error=("not_a_date", {"value": text}))
    days = calendar.monthrange(year, month)[1]
    if not 1 <= day <= days:
        return Read(error=("no_such_day", {"value": text, "days": days}))
    return Read(dt.date(year, month, day))


def _month(year: int, month: int, text: str) -> Read:
    if not (1 <= month <= 12 and 1900 <= year <= 2100):
        return Read(error=("not_a_date", {"value": text}))
    return Read(f"{year:04d}-{month:02d}")
