"""A Ray cluster of three nodes on this machine, for ray_processes.py: prints where it is, lives until it is killed.

The first line of stdout is JSON: `address`, and `raylets`, the process ids of the nodes that are not the head.
"""

from __future__ import annotations

import json
import signal

from ray.cluster_utils import Cluster

NODE = {"num_cpus": 3, "resources": {"ocr_slots": 1}, "object_store_memory": 150 << 20}
WORKERS = 2


def main() -> None:
    """Starts head and nodes, and waits to be ended."""
    cluster = Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
    nodes = [cluster.add_node(**NODE) for _ in range(WORKERS)]
    cluster.wait_for_nodes()
    raylets = [node.all_processes["raylet"][0].process.pid for node in nodes]
    print(json.dumps({"address": cluster.address, "raylets": raylets}), flush=True)
    signal.pause()


if __name__ == "__main__":
    main()
