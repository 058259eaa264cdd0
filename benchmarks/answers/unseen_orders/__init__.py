"""Orders written before the defence against them, and harmless passages that resemble them; halved for good."""
