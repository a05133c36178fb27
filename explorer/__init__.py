"""Unroll: recurrent networks, unrolled through time.

Build an architecture, unroll it, run it, differentiate it::

    import explorer

    graph = explorer.build("lstm", inputs=5, hidden=4, outputs=5)
    dag = explorer.unroll(graph, steps=6)
    weights = explorer.initialize(graph, seed=0)
    trace = explorer.forward(graph, weights, [[0], [3], [1], [4], [2], [0]], targets=[[3], [1], [4], [2], [0], [1]])
    gradients = explorer.backward(trace)
"""

from explorer.architectures import ARCHITECTURES, build
from explorer.cycles import cycles
from explorer.documents import read_network, to_link
from explorer.documents import written as write_network
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.backward import backward
from explorer.engine.checkpoints import checkpointed
from explorer.engine.flow import gradient_flow
from explorer.engine.forward import forward
from explorer.engine.itemised import itemised
from explorer.engine.jacobians import lyapunov_exponents, state_jacobians
from explorer.engine.rtrl import rtrl
from explorer.engine.truncation import truncated
from explorer.graph import Connection, Graph, GraphError, Layer, Presence
from explorer.parameters import INITIALIZERS, initialize
from explorer.tasks.recipe import Blueprint, Recipe
from explorer.tasks.registry import TASKS
from explorer.training.course import Course, train
from explorer.training.optimizers import OPTIMIZERS
from explorer.unrolling import count, fold, generations, topological_order, unroll

__all__ = [
    "ACTIVATIONS",
    "ARCHITECTURES",
    "INITIALIZERS",
    "OPTIMIZERS",
    "TASKS",
    "Blueprint",
    "Connection",
    "Course",
    "Graph",
    "GraphError",
    "Layer",
    "Presence",
    "Recipe",
    "backward",
    "build",
    "checkpointed",
    "count",
    "cycles",
    "fold",
    "forward",
    "generations",
    "gradient_flow",
    "initialize",
    "itemised",
    "lyapunov_exponents",
    "read_network",
    "rtrl",
    "state_jacobians",
    "to_link",
    "topological_order",
    "train",
    "truncated",
    "unroll",
    "write_network",
]
