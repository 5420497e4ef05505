"""The learned score: labels, presence-only models, their validation; the only place that imports scikit-learn."""
