"""Command line: arguments, logging, exit codes."""
