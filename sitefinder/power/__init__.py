"""Megawatts by date: facts about power at a place, pathways to power, and their schedules."""
