"""What the terms of money make of a set of campuses: ratios, prices, and the clock of the deal."""
