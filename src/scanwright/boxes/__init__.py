"""Many boxes at once, of any rank: how they overlap, and which of them are one finding."""

from scanwright.boxes.cluster import Clusters, Looks, cluster
from scanwright.boxes.edges import Edges, volumes
from scanwright.boxes.overlap import Over, overlap_matrix, paired_overlaps
from scanwright.boxes.suppress import suppress

__all__ = [
    "Clusters",
    "Edges",
    "Looks",
    "Over",
    "cluster",
    "overlap_matrix",
    "paired_overlaps",
    "suppress",
    "volumes",
]
