"""All pages of a run."""

from __future__ import annotations

from sitefinder.reports.dossier import building
from sitefinder.results.derived import RECORD
from sitefinder.results.run import read_run
from tests.helpers.dossier_run import write_run
from tests.helpers.printed import needs_printer


def test_pages_of_the_first_sites_and_of_all_own_ones(package, tmp_path):
    """One file each and the index; links lead to files that are there."""
    run = read_run(write_run(tmp_path / "run"))
    names = building.write_dossiers(run, tmp_path / "out", data=package.root, top=2)
    assert sorted([*names, RECORD]) == sorted(p.name for p in (tmp_path / "out").iterdir())
    assert names[0] == "index.html"
    assert len(names) == 1 + 2 + 2


@needs_printer
def test_pdf_is_an_extra_beside_each_page(package, tmp_path):
    """Same names, other ending."""
    run = read_run(write_run(tmp_path / "run", own=False))
    names = building.write_dossiers(run, tmp_path / "out", data=package.root, top=1, pdf=True)
    assert names == ["index.html", "IL-600220.html", "IL-600220.pdf"]
    assert (tmp_path / "out" / "IL-600220.pdf").read_bytes().startswith(b"%PDF")
