"""What the seed prototype did: pandas reads the whole log, 22 plain features per token-hour, scikit-learn's forest.

seed_pipeline.py EVENTS UNTIL SCORES
    EVENTS   a CSV file or a folder of them; time, token_id, method, operation, status, source_ip, asn, country,
             user_agent, request_bytes, response_bytes and latency_ms are read
    UNTIL    end of the training part, ISO 8601; every token-hour from then on is scored
    SCORES   CSV to write: token_id, window_start, score (higher = more anomalous)

Prints one line of JSON: events, token-hours, seconds of each stage.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import IsolationForest

COLUMNS = [
    "time", "token_id", "method", "operation", "status", "source_ip", "asn", "country",
    "user_agent", "request_bytes", "response_bytes", "latency_ms",
]  # fmt: skip
KEYS = ["token_id", "window_start"]


def read_events(path: Path) -> pd.DataFrame:
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    events = pd.concat([pd.read_csv(file, usecols=COLUMNS, low_memory=False) for file in files], ignore_index=True)
    events["time"] = pd.to_datetime(events["time"], format="ISO8601", utc=True)
    return events


def token_hours(events: pd.DataFrame) -> pd.DataFrame:
    """One row per token and hour with traffic, 20 features of the hour itself."""
    hour = events["time"].dt.hour
    status = events["status"]
    events = events.assign(
        window_start=events["time"].dt.floor("h"),
        error=(status >= 400).astype("int8"),
        denied=status.isin([401, 403]).astype("int8"),
        not_found=(status == 404).astype("int8"),
        write=events["method"].isin(["POST", "PUT", "PATCH"]).astype("int8"),
        delete=(events["method"] == "DELETE").astype("int8"),
        night=((hour < 6) | (hour >= 22)).astype("int8"),
        weekend=(events["time"].dt.day_of_week >= 5).astype("int8"),
    )
    table = events.groupby(KEYS, sort=False).agg(
        requests=("time", "size"),
        errors=("error", "sum"),
        denied=("denied", "sum"),
        not_found=("not_found", "sum"),
        ips=("source_ip", "nunique"),
        asns=("asn", "nunique"),
        countries=("country", "nunique"),
        operations=("operation", "nunique"),
        user_agents=("user_agent", "nunique"),
        request_bytes=("request_bytes", "sum"),
        response_bytes=("response_bytes", "sum"),
        latency_mean=("latency_ms", "mean"),
        latency_max=("latency_ms", "max"),
        write_share=("write", "mean"),
        delete_share=("delete", "mean"),
        night_share=("night", "mean"),
        weekend_share=("weekend", "mean"),
    )
    table["error_share"] = table["errors"] / table["requests"]
    table["bytes_per_request"] = table["response_bytes"] / table["requests"]
    table["operations_per_request"] = table["operations"] / table["requests"]
    return table.reset_index()


def add_own_history(table: pd.DataFrame, training: pd.Series) -> None:
    """Two z-scores against the token's own training hours: 22 features in all."""
    for name in ["requests", "response_bytes"]:
        own = table[training].groupby("token_id")[name].agg(["mean", "std"])
        own = own.reindex(table["token_id"]).reset_index(drop=True)
        deviation = own["std"].replace(0, np.nan).fillna(1)
        table[f"{name}_z"] = ((table[name] - own["mean"]) / deviation).fillna(0)


def main() -> None:
    events_path, until, scores_path = sys.argv[1:]
    seconds = {}
    began = time.perf_counter()

    def lap(stage: str) -> None:
        nonlocal began
        now = time.perf_counter()
        seconds[stage] = round(now - began, 3)
        began = now

    events = read_events(Path(events_path))
    count = len(events)
    lap("read")
    table = token_hours(events)
    del events
    training = table["window_start"] < pd.Timestamp(until, tz="UTC")
    add_own_history(table, training)
    names = [name for name in table.columns if name not in KEYS]
    matrix = table[names].fillna(0).to_numpy(dtype=np.float32)
    lap("features")
    forest = IsolationForest(n_estimators=100, max_samples=256, random_state=0).fit(matrix[training.to_numpy()])
    lap("fit")
    later = ~training.to_numpy()
    scored = table.loc[later, KEYS].assign(score=-forest.score_samples(matrix[later]))
    lap("score")
    scored.to_csv(scores_path, index=False)
    lap("write")
    print(json.dumps({"events": count, "tokenHours": len(scored), "features": len(names), "seconds": seconds}))


if __name__ == "__main__":
    main()
