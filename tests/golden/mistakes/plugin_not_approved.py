"""Of the mistake `plugin_not_approved.yaml`: it must never run."""

raise AssertionError("a file that nobody approved was run")
