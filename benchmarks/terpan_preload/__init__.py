"""What a fork parent saves."""
