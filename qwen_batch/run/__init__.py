"""One run from its request to its summary.

arguments, prepare, retry, request   what was asked, checked; nothing is written yet
document/                            one document's way through all stages, without Ray
on_ray/                              the same stages on Ray Data; the only importer of ray
in_process/                          the same in worker processes of the command, where Ray brings nothing
runner, stopping, progress           the driver; when a run stops taking documents; what a terminal shows
attempts                             which document is poison, when an engine is broken
fingerprints, manifest               what shapes an answer; what a run records of itself
doctor                               what this machine has
"""
