"""Direct-current power flow on the mapped transmission grid: topology, parameters, dispatch, and load-hosting headroom."""
