"""Attacks on one Terpan on this machine, with a well-behaved client and the front's memory watched. Loopback only, bounded in time."""
