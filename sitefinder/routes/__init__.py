"""Least-cost connections to grid, gas, fiber and water: ground, targets, surfaces, routes and what they cost."""
