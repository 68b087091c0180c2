"""Trains for --minutes in all; the schedule follows the clock. Resumes from RUN/last.pt with --resume.

    python fit.py --data DATA --out RUN --kind u32 --minutes 90 [--resume] [--init best.onnx]

Writes RUN/pid, RUN/log.jsonl, and, whenever the table's mean improves, RUN/best.pt, RUN/best.onnx and RUN/results.json.
"""
import argparse, json, os, time
os.environ.setdefault('OMP_NUM_THREADS', '1')
import numpy as np
import torch
from damage import pair
from evaluate import runner
from muon import Muon
from net import Net
from onnx_out import read, write
from table import rows

ap = argparse.ArgumentParser()
ap.add_argument('--data', required=True)
ap.add_argument('--out', required=True)
ap.add_argument('--kind', required=True)
ap.add_argument('--minutes', type=float, required=True)
ap.add_argument('--resume', action='store_true')
ap.add_argument('--init', help='an ONNX file of this kind to begin with')
ap.add_argument('--batch', type=int, default=8)
ap.add_argument('--size', type=int, default=96)
ap.add_argument('--lr', type=float, default=1.5e-3)
ap.add_argument('--muon', type=float, default=0, help='rate of Muon for the inner kernels, without over-parameterization; with --init')
ap.add_argument('--drawn', type=float, default=.35, help='share of drawn patches')
ap.add_argument('--warm', type=int, default=500, help='first steps, with noise only: they leave the identity')
ap.add_argument('--settle', type=float, default=.25, help='share of the time in which the loss turns from mean square to log')
ap.add_argument('--lr-end', type=float, default=1e-5)
ap.add_argument('--exact-after', type=float, default=.85, help='share of the time after which convolutions are float32, not bfloat16')
ap.add_argument('--eval-every', type=float, default=240, help='seconds; checkpoints too')
o = ap.parse_args()
assert o.init or not o.muon, '--muon trains on from --init'
torch.set_num_threads(1)
os.makedirs(o.out, exist_ok=True)
print(os.getpid(), file=open(f'{o.out}/pid', 'w'))
sources = [np.load(f'{o.data}/{n}.npy', mmap_mode='r') for n in ('pictures', 'drawn')]
torch.manual_seed(0)
net = Net(o.kind, bool(o.muon))
if o.init:
    read(net, o.init)
inner = [p for n, p in net.named_parameters() if o.muon and p.dim() > 2 and not n.startswith(('head', 'tail'))]
outer = [p for p in net.parameters() if all(p is not q for q in inner)]
opts = [torch.optim.Adam(outer, o.lr, betas=(.9, .99), fused=True)] + ([Muon(inner, o.muon)] if inner else [])
ema = [v.clone() for v in net.state_dict().values()]
step, spent, best = o.warm if o.init else 0, 0.0, 0.0
if o.resume and os.path.exists(f'{o.out}/last.pt'):
    c = torch.load(f'{o.out}/last.pt')
    net.load_state_dict(c['net'])
    for opt, state in zip(opts, c['opt']):
        opt.load_state_dict(state)
    ema, step, spent, best = list(c['ema'].values()), c['step'], c['spent'], c['best']
names, live = list(net.state_dict()), list(net.state_dict().values())
rng = np.random.default_rng([1, step])
begun = checked = time.time()


def batch():
    ps = []
    for _ in range(o.batch):
        source = sources[int(rng.random() < o.drawn)]
        ps.append(pair(source[rng.integers(len(source))], o.size, rng, 'noise' if step < o.warm else None))
    return [torch.from_numpy(np.stack(p)).permute(0, 3, 1, 2).float().div_(255).contiguous(memory_format=torch.channels_last) for p in zip(*ps)]


def loss_of(d, p):
    """log(E + eps) is about the mean of the patches' PSNR (a quarter of E is luma's). At first eps is large, so that this is like the mean square: with a
    small one clean patches count so much that the network never leaves the identity."""
    y = .299 * d[:, 0] + .587 * d[:, 1] + .114 * d[:, 2]
    eps = max(3e-4, 3e-3 * 10**(-2 * p / o.settle))
    return .1 * (.75 * d.square().mean((1, 2, 3)) + .25 * y.square().mean((1, 2)) + eps).log().mean()


def save(path, full=True):
    c = dict(ema=dict(zip(names, ema)), kind=o.kind, plain=net.plain, step=step, spent=spent + time.time() - begun, best=best)
    torch.save(dict(c, net=net.state_dict(), opt=[opt.state_dict() for opt in opts]) if full else c, path + '.tmp')
    os.replace(path + '.tmp', path)


def check(**k):
    global best
    mean = Net(o.kind, net.plain)
    mean.load_state_dict(dict(zip(names, ema)))
    difference = write(mean, f'{o.out}/last.onnx')
    t = rows(f'{o.data}/held', runner(f'{o.out}/last.onnx:1')[0])
    score = float(np.mean([min(v['mean'], 47) for v in t.values()]))   # a clean picture need not be better than that
    if score > best:
        best = score
        save(f'{o.out}/best.pt', False)
        os.replace(f'{o.out}/last.onnx', f'{o.out}/best.onnx')
        path = f'{o.out}/results.json'
        r = json.load(open(path)) if os.path.exists(path) else {}
        r['new'] = t
        json.dump(r, open(path + '.tmp', 'w'), indent=1)
        os.replace(path + '.tmp', path)
    save(f'{o.out}/last.pt')
    line = json.dumps(dict(step=step, min=round((spent + time.time() - begun) / 60, 2), **k, score=round(score, 3), worst_clean=t['clean']['worst'],
                           difference=round(difference, 5), **{n: v['mean'] for n, v in t.items()}))
    print(line, flush=True)
    print(line, file=open(f'{o.out}/log.jsonl', 'a'))


total, first = 0.0, step
while True:
    p = (spent + time.time() - begun) / (o.minutes * 60)
    if p >= 1:
        break
    rate = float(o.lr_end / o.lr + (1 - o.lr_end / o.lr) * .5 * (1 + np.cos(np.pi * p))) * min(1, (step + 1) / 300)
    for opt, top in zip(opts, (o.lr, o.muon)):
        opt.param_groups[0]['lr'] = top * rate
    x, y = batch()
    net.zero_grad()
    with torch.autocast('cpu', torch.bfloat16, enabled=p < o.exact_after):
        difference = net(x)
    difference = difference.float() - y
    loss = loss_of(difference, p)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    for opt in opts:
        opt.step()
    step += 1
    with torch.no_grad():
        torch._foreach_lerp_(ema, live, 1 - min(.999, (step + 1) / (step + 20)))
    total += loss.item()
    if time.time() - checked > o.eval_every:
        check(loss=round(total / (step - first), 5), lr=round(opts[0].param_groups[0]['lr'], 6), rate=round((step - first) / (time.time() - checked), 1))
        total, first, checked = 0.0, step, time.time()
check()
