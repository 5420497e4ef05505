"""The terms: what is shipped loads, and every mistake is told with file, line, key and remedy."""

from __future__ import annotations

import re

import pytest

from sitefinder.config.financing import LENDERS, Ladder, Step, load_terms
from sitefinder.errors import ConfigError
from tests.helpers.financing_case import TERMS, terms


def refused(path, **overrides):
    """The message of a refusal."""
    with pytest.raises(ConfigError) as error:
        load_terms(path, {k.replace("__", "."): v for k, v in overrides.items()})
    return str(error.value)


def test_shipped_terms_are_those_published():
    """The documented terms of the programme stand in the shipped file, and it is on."""
    found = terms()
    assert found.programme.on
    assert found.programme.allocate_by.isoformat() == "2029-01-19"
    assert found.programme.fund_within_business_days == 45
    assert (found.programme.lender_share_until_repaid, found.programme.lender_share_after) == (0.5, 0.1)
    assert found.structure.equity == (0.01, 0.015, 0.02)


def test_programme_off_takes_the_market_structure():
    """One switch changes where the money comes from."""
    assert terms(programme__on="false").structure.equity[1] == pytest.approx(0.4)


@pytest.mark.parametrize("name", ["programme", "market"])
def test_every_lender_has_a_share(name):
    """Lenders that a structure does not name lend nothing."""
    found = getattr(terms().structures, name).by_lender
    assert tuple(found) == LENDERS
    assert sum(found.values()) == pytest.approx(1.0)


def test_every_default_names_its_source():
    """Each line with a number carries a mark of its source, or stands below a comment that does."""
    text = TERMS.read_text(encoding="utf-8")
    blocks = re.split(r"\n\s*\n", text)
    assert all(re.search(r"\b[PKJ]\b", b) for b in blocks if re.search(r"^\s*\w+:.*\d", b, re.MULTILINE) and "year:" not in b)


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"programme__onn": "1"}, "did you mean 'on'"),
        ({"structures__programme__debt__jbic": "0.9"}, "make them sum to 1"),
        ({"structures__programme__debt": "{jbicc: 1.0}"}, "did you mean 'jbic'"),
        ({"lenders__jbic__spread_bp": "[3, 2, 1]"}, "out of order"),
        ({"lenders__jbic__tenor_years": "[20, 18, 15]"}, "out of order"),
        ({"site_risk__evidence_grade": "{E1: [0, 0, 0]}"}, "for each of E1"),
        ({"site_risk__rank_interval__steps": "[{at_least: 5, bp: [0, 0, 0]}, {at_least: 5, bp: [0, 0, 0]}]"}, "ascending"),
        ({"scope": "moon"}, "'power' or 'campus'"),
        ({"programme__nothing__on": "1"}, "has no 'nothing'"),
        ({"scope__on": "1"}, "has no keys below it"),
        ({"scope": "[1"}, "not YAML"),
    ],
)
def test_a_wrong_term_is_one_line_with_its_remedy(overrides, said):
    """No traceback: the place, what is wrong, what to do."""
    message = refused(TERMS, **overrides)
    assert said in message
    assert "\n" not in message


def test_a_wrong_line_is_named(tmp_path):
    """File and line of the key."""
    path = tmp_path / "finance.yaml"
    path.write_text(TERMS.read_text(encoding="utf-8").replace("scope: power", "scope: sun"), encoding="utf-8")
    line = next(i for i, t in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if t.startswith("scope"))
    assert f"{path}:{line}: scope" in refused(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "Cannot read terms"),
        (b"a: [1", "Invalid YAML"),
        (b"- 1", "holds no keys"),
        (b"\xff", "not UTF-8"),
        (b"year: 2025", "Missing key"),
    ],
)
def test_a_file_that_is_no_terms_is_refused(tmp_path, content, said):
    """Missing, broken and foreign files."""
    path = tmp_path / "finance.yaml"
    if content is not None:
        path.write_bytes(content)
    assert said in refused(path)


def test_ladder_takes_the_last_step_reached():
    """Steps hold from their value on; below the first one it is the first; unknown has its own."""
    ladder = Ladder(steps=[Step(at_least=10, bp=(0, 1, 2)), Step(at_least=20, bp=(3, 4, 5))], unknown=(9, 9, 9))
    assert [ladder.bp(v)[1] for v in (0.0, 10.0, 19.9, 20.0, None)] == [1, 1, 1, 4, 9]
