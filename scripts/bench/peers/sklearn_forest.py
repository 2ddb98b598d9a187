"""scikit-learn's IsolationForest on one thread: fit once, score several times, scores of the last pass to a file.

sklearn_forest.py TABLE ROWS COLS SEED PASSES SCORES
"""

import json
import sys
import time

import numpy as np
from sklearn.ensemble import IsolationForest

table, rows, cols, seed, passes, scores_path = sys.argv[1:]
data = np.fromfile(table, dtype=np.float32).reshape(int(rows), int(cols))

began = time.perf_counter()
forest = IsolationForest(n_estimators=100, max_samples=256, random_state=int(seed), n_jobs=1).fit(data)
fit_seconds = time.perf_counter() - began
score_seconds = []
processor_seconds = []
for _ in range(int(passes)):
    used = time.process_time()
    began = time.perf_counter()
    scores = -forest.score_samples(data)
    score_seconds.append(time.perf_counter() - began)
    processor_seconds.append(time.process_time() - used)
scores.astype(np.float64).tofile(scores_path)
print(json.dumps({"fitSeconds": fit_seconds, "scoreSeconds": score_seconds, "processorSeconds": processor_seconds}))
