"""How sure a rank is, and why: draws of weights and errors, counterfactuals, other methods, grades of evidence."""
