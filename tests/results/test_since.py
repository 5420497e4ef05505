"""What a run changed in its folder."""

from __future__ import annotations

from sitefinder.results.since import ranks_of, since
from tests.helpers.dossier_run import write_run
from tests.helpers.records import site


def listed(*keys):
    """A list of sites in this order."""
    return [site(site_id=key, rank=rank) for rank, key in enumerate(keys, start=1)]


def test_the_same_list_is_called_so():
    """Nothing new, nothing gone, nothing moved."""
    assert since({"A": 1, "B": 2}, listed("A", "B")) == "the same sites at the same ranks"


def test_new_sites_gone_sites_and_moves_are_counted_and_named():
    """The best of each, and the largest moves first."""
    said = since({"A": 1, "B": 2, "C": 3, "D": 4}, listed("D", "A", "E"))
    assert said == "1 new (E at 3); 2 gone (B at 2, C at 3); 2 at another rank (most: D 4 -> 1, A 1 -> 2)"


def test_a_folder_without_a_readable_list_has_no_ranks(tmp_path):
    """Neither a missing file nor a broken one stops a run."""
    assert ranks_of(tmp_path) is None
    (tmp_path / "sites.geojson").write_text("{not json")
    assert ranks_of(tmp_path) is None


def test_ranks_come_from_the_list_of_the_folder(tmp_path):
    """Each key of the list with its rank."""
    ranks = ranks_of(write_run(tmp_path / "run"))
    assert sorted(ranks.values()) == [1, 2, 3]
