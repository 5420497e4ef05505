"""Dossiers: two printed pages per site that a lender can challenge, and a page that compares the sites."""
