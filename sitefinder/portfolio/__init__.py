"""The best set of campuses of a run: limits, solver, prices of limits, regret, report."""
