"""What a person types: arguments, logging, exit codes."""
