"""Unroll: recurrent networks, unrolled through time.

Build an architecture, unroll it, run it, differentiate it::

    import explorer

    graph = explorer.build("lstm", inputs=5, hidden=4, outputs=5)
    dag = explorer.unroll(graph, steps=6)
    weights = explorer.initialize(graph, seed=0)
    trace = explorer.forward(graph, weights, [[0], [3], [1], [4], [2], [0]], targets=[[3], [1], [4], [2], [0], [1]])
    gradients = explorer.backward(trace)
"""

from explorer.amounts import in_bytes
from explorer.applications import APPLICATIONS
from explorer.applications.shelf import ask
from explorer.applications.shelf import weights as trained_weights
from explorer.architectures import ARCHITECTURES, build
from explorer.cost.counts import passes as multiply_adds
from explorer.cost.frames import film as training_film
from explorer.cost.path import critical_path
from explorer.cost.rows import in_buckets as rows_in_buckets
from explorer.cost.rows import together as rows_together
from explorer.cost.runs import measure as measured_training
from explorer.cost.ways import WAYS as WAYS_OF_TRAINING
from explorer.cost.ways import Work
from explorer.cost.ways import costs as training_costs
from explorer.cycles import cycles
from explorer.documents import read_network, to_link
from explorer.documents import written as write_network
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.attribution import answer_gradients, gradient_times_input
from explorer.engine.backward import backward
from explorer.engine.checkpoints import checkpointed
from explorer.engine.clipping import clipped_by_norm, clipped_by_value
from explorer.engine.clipping import norm as gradient_norm
from explorer.engine.comparison import compare as compare_gradients
from explorer.engine.flow import gradient_flow
from explorer.engine.forward import forward
from explorer.engine.itemised import itemised
from explorer.engine.jacobians import lyapunov_exponents, state_jacobians
from explorer.engine.rtrl import rtrl
from explorer.engine.storage import STORAGES
from explorer.engine.truncation import truncated
from explorer.equations import number as in_digits
from explorer.equations import power as in_digits_of_log10
from explorer.exchange import read_graphml, write_graphml
from explorer.exchange import read_json as read_dag
from explorer.exchange import write_json as write_dag
from explorer.figures.numbers import from_csv as read_csv
from explorer.formats.reading import read_weights
from explorer.formats.writing import write_weights
from explorer.gates import CHANGES as GATE_CHANGES
from explorer.graph import Connection, Graph, GraphError, Layer, Presence
from explorer.order_views import in_two_orders
from explorer.papers import PAPERS
from explorer.parameters import INITIALIZERS, initialize
from explorer.positions.learning import Experiment as PhraseExperiment
from explorer.positions.learning import learn as learn_phrase
from explorer.positions.room import Fitted, weighed
from explorer.questions import written as answers
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
    "STORAGES",
    "TASKS",
    "WAYS_OF_TRAINING",
    "Blueprint",
    "Connection",
    "Course",
    "Fitted",
    "Graph",
    "GraphError",
    "Layer",
    "PhraseExperiment",
    "Presence",
    "Recipe",
    "Vocabulary",
    "Work",
    "answer_gradients",
    "answers",
    "ask",
    "backward",
    "build",
    "checkpointed",
    "clipped_by_norm",
    "clipped_by_value",
    "compare_gradients",
    "count",
    "critical_path",
    "cycles",
    "fold",
    "forward",
    "generations",
    "gradient_flow",
    "gradient_norm",
    "gradient_times_input",
    "in_bytes",
    "in_digits",
    "in_digits_of_log10",
    "in_two_orders",
    "initialize",
    "itemised",
    "lay_out",
    "learn_phrase",
    "lyapunov_exponents",
    "measured_training",
    "multiply_adds",
    "read_csv",
    "read_dag",
    "read_graphml",
    "read_network",
    "read_weights",
    "recorded",
    "rows_in_buckets",
    "rows_together",
    "rtrl",
    "state_jacobians",
    "to_link",
    "tokenize",
    "topological_order",
    "train",
    "trained_weights",
    "training_costs",
    "training_film",
    "truncated",
    "unroll",
    "weighed",
    "write_dag",
    "write_graphml",
    "write_network",
    "write_weights",
]
