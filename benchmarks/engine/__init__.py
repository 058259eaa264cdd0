"""How full the engine is kept, against vLLM alone."""
