"""The sentences of an import, by code. Stored are code and parameters; the sentence is made in the reader's language."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aimprogress.places.positions import SAID

SENTENCES: dict[str, Promise | str] = {
    # why a row is not a record
    "header": _("Column names"),
    "repeated_header": _("Column names again"),
    "hxl": _("HXL tags"),
    "title": _("Title above the table"),
    "blank": _("Empty row"),
    "subtotal": _("Subtotal"),
    "total": _("Total"),
    "footnote": _("Note, no record"),
    "hidden_sheet": _("The sheet is hidden: hidden sheets are not read"),
    "no_table": _("No table with known column names on this sheet"),
    "same": _("Nothing new: the portal already holds this"),
    "duplicate_row": _("The same as row %(row)s of sheet “%(sheet)s”"),
    "duplicate_record": _("Looks like the same as row %(row)s of sheet “%(sheet)s”: same place and address, same name"),
    # problems that stop a row
    "required": _("This cell is needed and empty."),
    "formula": _("A formula stands here. Formulas are not calculated: put in the value itself."),
    "not_a_number": _("“%(value)s” is not a number."),
    "letter_in_number": _("“%(value)s” is not a number: it has the letter %(letter)s in it."),
    "number_too_large": _("%(value)s is more than this column can hold."),
    "number_too_small": _("%(value)s is less than %(least)s, the least that can stand here."),
    "not_a_country": _("“%(value)s” is not a country the portal knows."),
    "not_a_date": _("“%(value)s” is not a date."),
    "not_a_month": _("“%(value)s” is not a month."),
    "no_such_day": _("“%(value)s” is not a day: that month has %(days)s days."),
    "date_ahead": _("“%(value)s” lies ahead of today."),
    "not_a_coordinate": _("“%(value)s” is not a coordinate."),
    "off_the_earth": _("Latitude %(lat)s and longitude %(lon)s are not on the Earth."),
    "one_coordinate": _("Only one of latitude and longitude is given."),
    "unknown_choice": _("“%(value)s” is not one of the accepted words."),
    "not_a_percentage": _("“%(value)s” is not a percentage between 0 and 100."),
    "wrong_identifier": _("“%(value)s” is not a valid %(kind)s: its check digit or length does not fit."),
    "too_long": _("The text is longer than %(most)s characters."),
    "unknown_site": _("“%(value)s” is no site of your organisation."),
    "several_sites": _("Several sites of your organisation are called “%(value)s”: give the code."),
    "counted_twice": _("Row %(row)s of sheet “%(sheet)s” has other numbers for the same site and day. One of them must go."),
    "reported_twice": _(
        "Row %(row)s of sheet “%(sheet)s” says something else of the same site, month, group and rule. One of them must go."
    ),
    "code_in_portal": _("“%(value)s” is already the code of another site of your organisation."),
    "other_code_in_portal": _(
        "The portal has “%(name)s” here under the code %(code)s. Put in that code if it is this site, or say that it is another."
    ),
    "position": SAID,
    "refused_by_rules": "%(reason)s",
    # to check: the row is imported, the cell is pointed at
    "check_impossible_date": _("“%(value)s” is not a day: that month has %(days)s days. Left empty."),
    "check_unreadable": _("“%(value)s” could not be read. Left empty."),
    "check_negative": _("“%(value)s” was read as %(read)s: a count cannot be below zero."),
    "check_far_from_settlement": _("The point lies %(km)s km from %(settlement)s."),
    "check_other_country": _("The point does not lie in %(country)s."),
    "check_region_conflict": _("%(settlement)s is not in “%(value)s”: %(region)s was taken."),
    "check_ambiguous_settlement": _("%(count)s places are called %(settlement)s here: the one in %(region)s was taken."),
    "check_unknown_settlement": _("“%(value)s” is not in the list of places: kept as written."),
    "town_left_out": _("“%(value)s” is not in the list of places: the site is kept with its oblast alone."),
    "check_unknown_region": _("“%(value)s” is not in the list of regions."),
    "check_region_by_point": _("No region is given: %(region)s was taken, from the nearest known place, %(settlement)s."),
    "check_code_again": _("“%(value)s” is already the code in row %(row)s: this row got %(read)s."),
    "check_ambiguous_date": _("“%(value)s” was read as %(read)s."),
    "check_similar": _("Similar to row %(row)s of sheet “%(sheet)s”. Kept as a record of its own."),
    "check_identifier": _("“%(value)s” is not a valid %(kind)s. It was left out."),
    "check_percentage": _("“%(value)s” is not a percentage between 0 and 100. Left empty."),
    "check_policy_taken": _("The list does not say by what rule people were paid: “%(read)s” was taken."),
    "status_without_day": _("The list does not say since when: the status was left out."),
    "portal_is_newer": _("The portal has a newer report: “%(value)s” was left out."),
    # notes: what was done to a value
    "read_as": _("“%(value)s” was read as %(read)s."),
    "swapped": _("Latitude and longitude were the wrong way round: exchanged."),
    "zero_point": _("0, 0 is a point in the ocean: taken as no coordinate."),
    "settlement_point": _("The point is the public point of %(settlement)s, not the place of the site."),
    "country_point": _("The point is the middle of the country, not the place of the site: left out."),
    "found_by_point": _("“%(value)s” is %(settlement)s by its coordinates."),
    "several_places": _("“%(value)s” names several places: %(settlement)s was taken."),
    "merged": _("Taken from the merged cell above."),
    "two_scripts": _("“%(value)s” mixes Cyrillic and Latin letters that look alike."),
    "mended_letters": _("“%(value)s” had a damaged letter: read as %(read)s."),
    "upper_bound": _("“%(value)s” is an upper bound: kept as at most %(read)s."),
    "code_given": _("The list has no code: %(read)s was given."),
    "dropped_postcode": _("The postal code was taken out of the street."),
    # columns that are never read
    "contact": _("The portal keeps roles, never names or numbers of people"),
    "military": _("Who serves is entered in the portal only, never by a list"),
    "running_number": _("A running number"),
    "no_field": _("The portal has no field for it"),
    "nothing_in_it": _("Empty column"),
}

ACCEPTED: dict[str, Promise] = {
    "text": _("text, no longer than the portal keeps"),
    "code": _("a short code that no other row has"),
    "count": _("a whole number, 0 or more"),
    "country": _("a country by its code or name: UA, Ukraine, Україна"),
    "date": _("day.month.year or year-month-day"),
    "month": _("a month or one of its days: 10.2026, October 2026, 2026-10-31"),
    "latitude": _("degrees between -90 and 90, as 50.45 or 50°27′N"),
    "longitude": _("degrees between -180 and 180, as 30.52 or 30°31′E"),
    "point": _("latitude and longitude, as 50.45, 30.52"),
    "percentage": _("a number between 0 and 100"),
    "choice": _("one of the words in the list"),
    "identifier": _("the number of a register, as EDRPOU, NIP or LEI"),
    "yes_no": _("yes or no"),
}


def sentence(code: str, params: dict[str, Any] | None = None) -> str:
    """The sentence of a code in the reader's language; a code unknown to this version is shown as it stands."""
    template = SENTENCES.get(code)
    if template is None:
        return code
    try:
        return str(template) % (params or {})
    except (KeyError, TypeError, ValueError):
        return str(template)
