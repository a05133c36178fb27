"""What unrolling costs: counted from the graph, and measured in a process of its own.

* `counts`: numbers stored and multiply–adds, from the layers and the shapes of the weights.
* `path`: the longest path of the unrolled graph against all of its work.
* `ways`: the ways of training, each with what it holds, computes, and gives up.
* `frames`: the same ways as a film over the slices.
* `rows`: rows of unequal length in one batch.
* `runs`: the ways, run and measured; `measuring`, `worker`: in a process of its own, within limits.
"""
