"""Files of the two questions: written together, the same bytes each time, and one line for what is wrong."""

from __future__ import annotations

import json

import pytest

from sitefinder.errors import SitefinderError
from sitefinder.reports.memo.questions import DEMAND_FILES, READY_FILES, demand_contents, write_demand, write_ready
from tests.helpers.financing_case import terms, tree, write_run


def test_the_page_about_readiness_is_written_into_the_run(tmp_path):
    """Of the chosen set; its fields stand in ready.json."""
    write_run(tmp_path)
    fields = write_ready(tmp_path, terms(), "2027-09-30")
    assert all((tmp_path / name).is_file() for name in READY_FILES)
    assert json.loads((tmp_path / "ready.json").read_text(encoding="utf-8")) == json.loads(json.dumps(fields))
    assert fields["set"]["count"] == 3


def test_single_sites_need_no_portfolio(tmp_path):
    """Those named, each once."""
    write_run(tmp_path)
    (tmp_path / "portfolio.json").unlink()
    assert write_ready(tmp_path, terms(), "2027-09-30", ["IA-4", "TX-1", "IA-4"])["set"]["sites"] == ["IA-4", "TX-1"]


def test_the_page_about_demand_is_written_with_its_fields(tmp_path):
    """The tree is that of the memo."""
    write_run(tmp_path)
    fields = write_demand(tmp_path, terms())
    assert all((tmp_path / name).is_file() for name in DEMAND_FILES)
    assert json.loads((tmp_path / "financing.json").read_text(encoding="utf-8"))["demand"] == fields["demand"]


def test_same_tree_same_bytes():
    """Deterministic."""
    assert demand_contents(tree()) == demand_contents(tree())


@pytest.mark.parametrize(
    ("day", "keys", "said"),
    [("soon", (), "Invalid --by 'soon'"), ("2027-09-30", ("XX-9",), "Invalid --site 'XX-9'"), ("2020-01-01", (), "Invalid --by")],
)
def test_a_mistake_is_one_line_and_writes_nothing(tmp_path, day, keys, said):
    """Day or site."""
    write_run(tmp_path)
    with pytest.raises(SitefinderError, match=said) as error:
        write_ready(tmp_path, terms(), day, keys)
    assert "\n" not in str(error.value)
    assert not any((tmp_path / name).exists() for name in READY_FILES)


def test_terms_without_paths_are_told(tmp_path):
    """Where to find them."""
    write_run(tmp_path)
    with pytest.raises(SitefinderError, match="no section 'demand'"):
        write_demand(tmp_path, terms().model_copy(update={"demand": None}))
    assert not (tmp_path / "demand.html").exists()
