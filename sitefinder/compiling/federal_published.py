"""Published shares of federal land by state, and what the table leaves out."""

from __future__ import annotations

from collections.abc import Mapping

#: where the shares stand
SOURCE = "Congressional Research Service, Federal Land Ownership: Overview and Data, R42346, 21 February 2020, table 1"
#: federal share of the land of each contiguous state in September 2018, percent: Bureau of Land Management, Forest Service, Fish
#: and Wildlife Service, National Park Service and Department of Defense. The report's summary gives 45.9 for the eleven western
#: states and 4.1 for the others with Hawaii; these numbers, weighted by land area, give 45.9 and 4.1
FEDERAL_PCT: Mapping[str, float] = {
    **{"AL": 2.7, "AR": 9.4, "AZ": 38.7, "CA": 45.4, "CO": 36.2, "CT": 0.3, "DE": 2.4, "FL": 12.9, "GA": 5.2, "IA": 0.3},
    **{"ID": 61.9, "IL": 1.2, "IN": 1.7, "KS": 0.5, "KY": 4.3, "LA": 4.7, "MA": 1.2, "MD": 3.3, "ME": 1.5, "MI": 10.0},
    **{"MN": 6.8, "MO": 3.8, "MS": 5.1, "MT": 29.0, "NC": 7.9, "ND": 3.9, "NE": 1.1, "NH": 14.0, "NJ": 3.6, "NM": 31.7},
    **{"NV": 80.1, "NY": 0.8, "OH": 1.2, "OK": 1.5, "OR": 52.3, "PA": 2.2, "RI": 0.7, "SC": 4.5, "SD": 5.4, "TN": 4.8},
    **{"TX": 1.9, "UT": 63.1, "VA": 9.3, "VT": 7.9, "WA": 28.6, "WI": 5.3, "WV": 7.4, "WY": 46.7},
}
#: federal land that the table leaves out, because other agencies hold it or the military uses it without owning it, percent of
#: the state's land. Nevada: ranges and the Nevada National Security Site; its Division of Minerals (2018) counts BLM 66.86,
#: forests 8.19, military and energy 5.99, wildlife 2.14 and parks 1.07, together 84.25 (P). Idaho National Laboratory, 890 square
#: miles; Hanford, 580; Savannah River, 310 (K)
NOT_COUNTED_PCT: Mapping[str, float] = {"NV": 4.15, "ID": 1.08, "SC": 1.03, "WA": 0.87}
