"""anomalib's PatchcoreModel around a teacher that is no ResNet, and its coreset at a bearable speed.

Pooling, embedding, memory bank, search, image score and map are the library's, untouched; only `feature_extractor` is
exchanged. Layers 2 and 3 (strides 8 and 16), ratio 0.1 and 9 neighbours are the library's defaults.
"""

import torch
from anomalib.models.components import KCenterGreedy
from anomalib.models.components.dimensionality_reduction import SparseRandomProjection
from anomalib.models.image.patchcore import torch_model
from torch import nn


class GramProjection(SparseRandomProjection):
    """The library's random projection P in as few dimensions as the input has.

    Johnson–Lindenstrauss asks for some 300 dimensions here, more than the 152 that go in. Distances |P(a - b)| depend
    on G = P'P = LL' alone, so a·L, with L square, has the very same distances.
    """

    def transform(self, embedding: torch.Tensor) -> torch.Tensor:
        matrix = self.sparse_random_matrix.double()
        if matrix.shape[0] <= matrix.shape[1]:
            return super().transform(embedding)
        values, vectors = torch.linalg.eigh(matrix.T @ matrix)
        return embedding @ (vectors * values.clamp_min(0).sqrt()).to(embedding.dtype)


class GramKCenterGreedy(KCenterGreedy):
    """The library's greedy k-centre with |a - b|² = |a|² + |b|² - 2a·b: one matrix–vector product a step.

    Same first index, same order of random numbers and same selection up to rounding; `min_distances` holds squares.
    """

    def __init__(self, embedding: torch.Tensor, sampling_ratio: float) -> None:
        super().__init__(embedding, sampling_ratio)
        self.model = GramProjection(eps=self.model.eps)
        self.squares: torch.Tensor | None = None

    def update_distances(self, cluster_center: torch.Tensor | None) -> None:
        if cluster_center is None:
            return
        if self.squares is None:
            self.squares = self.features.square().sum(1)
        index = int(cluster_center)
        distances = torch.addmv(self.squares, self.features, self.features[index], alpha=-2)
        distances = distances.add_(self.squares[index]).clamp_min_(0).unsqueeze(1)
        if self.min_distances is None:
            self.min_distances = distances
        else:
            torch.minimum(self.min_distances, distances, out=self.min_distances)


def build(teacher: nn.Module, neighbors: int, coreset: str) -> torch_model.PatchcoreModel:
    """The library's model with its extractor exchanged; `coreset` is `gram` (above) or `library`."""
    torch_model.KCenterGreedy = GramKCenterGreedy if coreset == "gram" else KCenterGreedy
    model = torch_model.PatchcoreModel(
        layers=["layer2", "layer3"], backbone="resnet18", pre_trained=False, num_neighbors=neighbors
    )
    model.feature_extractor = teacher
    return model
