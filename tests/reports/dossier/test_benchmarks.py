"""Named campuses and the sites that stand for them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sitefinder.reports.dossier.benchmarks import BENCHMARKS, NEAR_KM, benchmark_sites
from tests.helpers.records import entry, features, run, site

(PIKETON, (LAT, LON)), (ABILENE, _) = BENCHMARKS.items()
#: kilometres of a degree of latitude
DEGREE_KM = 111.195


def _run(*sites, own=()):
    """A run with these sites in the national list and these of the user's own."""
    return replace(run(sites), own_features=features(own))


def test_a_site_near_a_campus_stands_for_it_whatever_it_is_called():
    """Within eight kilometres; without one there is none."""
    near = site(name="somewhere", lat=LAT + 0.9 * NEAR_KM / DEGREE_KM, lon=LON)
    far = site(site_id="OH-2", lat=LAT + 1.1 * NEAR_KM / DEGREE_KM, lon=LON)
    chosen = dict(benchmark_sites(_run(far, near)))
    assert chosen[PIKETON].site.identity.name == "somewhere"
    assert chosen[ABILENE] is None
    assert dict(benchmark_sites(_run(far)))[PIKETON] is None


def test_the_users_own_sites_come_before_nearer_ones_of_the_list():
    """Their owner drew them; among equals the nearest is taken."""
    listed, own = site(lat=LAT, lon=LON), site(site_id="OH-9", lat=LAT + 0.01, lon=LON, acres_enough=True)
    farther = site(site_id="OH-8", lat=LAT + 0.02, lon=LON, acres_enough=True)
    assert dict(benchmark_sites(_run(listed, own=[farther, own])))[PIKETON].site_id == "OH-9"


@pytest.mark.parametrize("places", [[], [site(site_id="WA-1", lat=47.0, lon=-120.0)]])
def test_campuses_ranked_besides_stand_for_themselves(places):
    """A run without them is given them as further sites."""
    known = entry(site(site_id="OH-7", lat=LAT, lon=LON, acres_enough=True))
    assert dict(benchmark_sites(_run(*places), [known]))[PIKETON] is known
