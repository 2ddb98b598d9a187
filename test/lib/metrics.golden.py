# Makes metrics.golden.json: python3 test/lib/metrics.golden.py test/lib/metrics.golden.json (numpy, scikit-learn and scipy installed).
import json, sys, numpy as np, sklearn, scipy
from sklearn.metrics import roc_auc_score, average_precision_score, precision_recall_curve
from scipy.stats import ks_2samp
out={'made_with':f'numpy {np.__version__}, scikit-learn {sklearn.__version__}, scipy {scipy.__version__}','rankings':[],'ks':[]}
rng=np.random.default_rng(20260101)
for name,n,digits,rate in [('continuous',200,6,.1),('heavy ties',200,1,.1),('two values',60,0,.4),('rare',300,2,.01),('mostly positive',50,2,.9)]:
    y=(rng.random(n)<rate).astype(int)
    if y.sum()==0: y[0]=1
    s=np.round(rng.random(n)+.5*y*rng.random(n),digits)
    p,r,t=precision_recall_curve(y,s)
    out['rankings'].append({'name':name,'scores':s.tolist(),'labels':y.tolist(),'auroc':roc_auc_score(y,s),'ap':average_precision_score(y,s),
      'precision':p[:-1][::-1].tolist(),'recall':r[:-1][::-1].tolist(),'thresholds':t[::-1].tolist()})
for name,a,b in [('shift',rng.normal(size=80),rng.normal(.7,1,60)),('ties',rng.integers(0,4,50).astype(float),rng.integers(1,6,70).astype(float)),('equal',np.arange(10.),np.arange(10.))]:
    out['ks'].append({'name':name,'a':np.round(a,4).tolist(),'b':np.round(b,4).tolist(),'statistic':ks_2samp(np.round(a,4),np.round(b,4)).statistic})
json.dump(out,open(sys.argv[1],'w'))
