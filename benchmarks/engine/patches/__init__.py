"""Changes to modules of a measured run, named in QWEN_BATCH_FAULTS and applied by tests/faults/sitecustomize.py."""
