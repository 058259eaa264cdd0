"""How near a plan comes to its run."""
