"""What the developer has in hand or accepts at each site, from the options of the configuration or the user's list."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from sitefinder.config.early_power import Options


@dataclass(frozen=True)
class InHand:
    """Facts that are taken before any range.

    Parameters
    ----------
    flexible, mobile, existing, powered, battery, phased : (n,) bool
        Non-firm service is accepted; mobile generation bridges; a connection is owned; study and agreement are done; batteries
        ride through curtailment; halls run one by one.
    existing_mw : (n,) float64
        Of the owned connection; NaN = not said.
    signed_mw, signed_months : (n,) float64
        Documented service: MW, and months from the start to its energisation; NaN = none.
    ordered_mw : (n,) float64
        Turbines and engines in hand or on order for the site; NaN = none.
    transformer, approved, runs_first : (n,) bool
        The transformer is in hand; the zoning allows the campus by right; the campus runs on the owned connection before it
        asks for more.
    """

    flexible: np.ndarray
    mobile: np.ndarray
    existing: np.ndarray
    powered: np.ndarray
    battery: np.ndarray
    phased: np.ndarray
    existing_mw: np.ndarray
    signed_mw: np.ndarray
    signed_months: np.ndarray
    ordered_mw: np.ndarray
    transformer: np.ndarray
    approved: np.ndarray
    runs_first: np.ndarray

    @classmethod
    def of_options(cls, options: Options, n: int) -> InHand:
        """The same options at ``n`` sites."""

        def everywhere(value: object) -> np.ndarray:
            return np.full(n, value, bool)

        none = np.full(n, np.nan)
        return cls(
            flexible=everywhere(options.flexible),
            mobile=everywhere(options.mobile_gas),
            existing=everywhere(options.existing_interconnection),
            powered=everywhere(options.powered_land),
            battery=everywhere(options.battery),
            phased=everywhere(options.phased),
            existing_mw=none,
            signed_mw=none,
            signed_months=none,
            ordered_mw=none,
            transformer=everywhere(False),
            approved=everywhere(False),
            runs_first=everywhere(False),
        )

    def option(self, name: str) -> np.ndarray:
        """(n,) bool of an option by its name in the configuration."""
        by_name = {
            "flexible": self.flexible,
            "mobile_gas": self.mobile,
            "existing_interconnection": self.existing,
            "powered_land": self.powered,
            "battery": self.battery,
        }
        return by_name[name]

    def take(self, index: np.ndarray | slice) -> InHand:
        """Those of some sites."""
        return InHand(**{f.name: getattr(self, f.name)[index] for f in fields(self)})
