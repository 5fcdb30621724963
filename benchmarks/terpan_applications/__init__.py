"""What happens to one of several applications, and what another's clients see of it."""
