"""The mathematics: NumPy in, NumPy out; the only room that imports Keras and TensorFlow.

Nothing here prints, or depends on runs. Importing it imports TensorFlow.
"""

import os

# TensorFlow leaves oneDNN off on CPUs without AVX-512, where it makes convolutions twice as fast.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

from vaecli.network.devices import accelerator
from vaecli.network.evaluation import EpochResult, heldout_noise
from vaecli.network.inference import Network
from vaecli.network.model import VAE
from vaecli.network.tensorboard import TensorBoardLog, graph_bytes
from vaecli.network.training import Progress, StopTraining, Trainer

__all__ = [
    "VAE",
    "EpochResult",
    "Network",
    "Progress",
    "StopTraining",
    "TensorBoardLog",
    "Trainer",
    "accelerator",
    "graph_bytes",
    "heldout_noise",
]
