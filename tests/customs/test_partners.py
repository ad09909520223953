"""Customs' partner names find their ISO codes.

tests/reference/customs_partners.csv: the names and codes of customs' declaration form for
countries and regions, in current and older spellings; the ISO codes were written beside them by
hand from ISO 3166-1. An empty code marks what ISO has no code for.
"""

import csv
from pathlib import Path

import pytest
from tradedata.customs.partners import destinations, learn_codes, place

TABLE = Path(__file__).parents[1] / "reference" / "customs_partners.csv"
with TABLE.open(encoding="utf-8", newline="") as file:
    PARTNERS = [(row["code"], row["name"], row["iso"]) for row in csv.DictReader(file)]


@pytest.mark.parametrize(("code", "name", "iso"), PARTNERS)
def test_every_name_of_the_form(code, name, iso):
    assert (place(name) or "") == iso


def test_brackets_and_spaces_do_not_matter():
    assert place("刚果（金）") == place("刚果(金)") == place(" 刚果 （金） ") == "COD"


def test_a_partner_that_cannot_be_placed_keeps_its_code():
    found = destinations([("701", "国(地)别不详的"), ("502", "美国")])
    assert found[("701", "国(地)别不详的")] == "GRP_GACC701"
    assert found[("502", "美国")] == "USA"


def test_an_unknown_spelling_takes_the_destination_of_its_code():
    found = destinations([("304", "德国"), ("304", "德意志")])
    assert found[("304", "德意志")] == "DEU"


def test_a_code_of_two_destinations_teaches_nothing():
    assert learn_codes([("414", "多米尼加"), ("414", "多米尼克"), ("304", "德国")]) == {
        "304": "DEU"
    }
