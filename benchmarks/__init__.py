"""What `make bench` measures: the engine against its peers, unrolling, and the pages in a browser.

Everything runs on one thread: two pools of threads in one process make every library slower, and the arrays here
are too small to share out. The variables below are read when a library is loaded, so they are set before any is.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[_name] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"
