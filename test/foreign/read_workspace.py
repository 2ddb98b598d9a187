"""Reads the tables of a workspace as a stranger would, with pandas and pyarrow, and prints what it found as JSON."""
import json
import sys
from pathlib import Path

import pandas as pd
import pyarrow.dataset as ds

data = Path(sys.argv[1]) / 'data'
folders = {'events': 'events', 'activity': 'activity/counts', 'facets': 'activity/facets', 'features': 'features',
           'scores': 'scores', 'alerts': 'alerts'}
found = {}
for table, folder in folders.items():
    dataset = ds.dataset(data / folder, format='parquet', partitioning='hive')
    found[table] = {
        'rows': dataset.count_rows(),
        'types': {field.name: str(field.type) for field in dataset.schema},
        'days': sorted({str(day) for day in dataset.to_table(columns=['date'])['date'].to_pylist()}),
    }

scores = pd.read_parquet(data / 'scores')
top = scores.sort_values('score', ascending=False, kind='stable').iloc[0]
found['top'] = {
    'token_id': top['token_id'],
    'window_start': top['window_start'].tz_localize('UTC').isoformat(),
    'score': top['score'],
    'date': str(top['date']),
    'codes': [reason['code'] for reason in json.loads(top['reasons'])],
    'facts': [fact['feature'] for fact in json.loads(top['reasons'])[0]['facts']],
    'nats': {name: top[name] for name in scores.columns if name.startswith('detector_')},
}
features = pd.read_parquet(data / 'features')
found['unknown'] = {name: int(features[name].isna().sum()) for name in ['speed_kmh', 'requests_tail', 'maturity']}
json.dump(found, sys.stdout)
