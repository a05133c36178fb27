"""Unroll: recurrent networks, unrolled through time.

Build an architecture, unroll it, run it, differentiate it::

    import explorer

    graph = explorer.build("lstm", inputs=5, hidden=4, outputs=5)
    dag = explorer.unroll(graph, steps=6)
    weights = explorer.initialize(graph, seed=0)
    trace = explorer.forward(graph, weights, [[0], [3], [1], [4], [2], [0]], targets=[[3], [1], [4], [2], [0], [1]])
    gradients = explorer.backward(trace)
"""

from explorer.applications import APPLICATIONS
from explorer.applications.shelf import ask
from explorer.applications.shelf import weights as trained_weights
from explorer.architectures import ARCHITECTURES, build
from explorer.cycles import cycles
from explorer.documents import read_network, to_link
from explorer.documents import written as write_network
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.attribution import answer_gradients, gradient_times_input
from explorer.engine.backward import backward
from explorer.engine.checkpoints import checkpointed
from explorer.engine.clipping import clipped_by_norm, clipped_by_value
from explorer.engine.flow import gradient_flow
from explorer.engine.forward import forward
from explorer.engine.itemised import itemised
from explorer.engine.jacobians import lyapunov_exponents, state_jacobians
from explorer.engine.rtrl import rtrl
from explorer.engine.truncation import truncated
from explorer.exchange import read_graphml, write_graphml
from explorer.exchange import read_json as read_dag
from explorer.exchange import write_json as write_dag
from explorer.figures.numbers import from_csv as read_csv
from explorer.formats.reading import read_weights
from explorer.formats.writing import write_weights
from explorer.gates import CHANGES as GATE_CHANGES
from explorer.graph import Connection, Graph, GraphError, Layer, Presence
from explorer.papers import PAPERS
from explorer.parameters import INITIALIZERS, initialize
from explorer.tasks.recipe import Blueprint, Recipe
from explorer.tasks.registry import TASKS
from explorer.tasks.text import Vocabulary, lay_out, tokenize
from explorer.training.course import Course, train
from explorer.training.optimizers import OPTIMIZERS
from explorer.training.recorded import recorded
from explorer.unrolling import count, fold, generations, topological_order, unroll

__all__ = [
    "ACTIVATIONS",
    "APPLICATIONS",
    "ARCHITECTURES",
    "GATE_CHANGES",
    "INITIALIZERS",
    "OPTIMIZERS",
    "PAPERS",
    "TASKS",
    "Blueprint",
    "Connection",
    "Course",
    "Graph",
    "GraphError",
    "Layer",
    "Presence",
    "Recipe",
    "Vocabulary",
    "answer_gradients",
    "ask",
    "backward",
    "build",
    "checkpointed",
    "clipped_by_norm",
    "clipped_by_value",
    "count",
    "cycles",
    "fold",
    "forward",
    "generations",
    "gradient_flow",
    "gradient_times_input",
    "initialize",
    "itemised",
    "lay_out",
    "lyapunov_exponents",
    "read_csv",
    "read_dag",
    "read_graphml",
    "read_network",
    "read_weights",
    "recorded",
    "rtrl",
    "state_jacobians",
    "to_link",
    "tokenize",
    "topological_order",
    "train",
    "trained_weights",
    "truncated",
    "unroll",
    "write_dag",
    "write_graphml",
    "write_network",
    "write_weights",
]
