"""Trains one network for --minutes in all (the schedule follows the clock), and resumes from --out/last.pt if that exists.

    python train.py --data DATA --sets SETS --out RUN --kind fast --scale 2 --minutes 50
                    [--init OTHER/last.pt (trunk, and tail where it fits)] [--degrade]
"""
import argparse, json, os, time
import numpy as np
import torch
from evaluate import pairs
from imaging import psnr_y, to8
from model import Net, patch_psnr_loss

ap = argparse.ArgumentParser()
ap.add_argument('--data', required=True)
ap.add_argument('--sets')
ap.add_argument('--out', required=True)
ap.add_argument('--kind', default='fast')
ap.add_argument('--scale', type=int, default=2)
ap.add_argument('--minutes', type=float, required=True)
ap.add_argument('--stop-after', type=float, default=1e9, help='minutes of this call')
ap.add_argument('--batch', type=int, default=8)
ap.add_argument('--lr-patch', type=int, default=48, help='a multiple of 8')
ap.add_argument('--lr', type=float, default=1e-3)
ap.add_argument('--lr-end', type=float, default=1e-5)
ap.add_argument('--warm', type=int, default=300)
ap.add_argument('--psnr-after', type=float, default=.75, help='share of the time after which the loss is about the mean PSNR of the patches instead of L1')
ap.add_argument('--ema', type=float, default=.999)
ap.add_argument('--init')
ap.add_argument('--degrade', action='store_true')
ap.add_argument('--variants', type=int, default=4, help='degraded copies of each patch')
ap.add_argument('--seed', type=int, default=0)
ap.add_argument('--threads', type=int, default=1)
ap.add_argument('--eval-every', type=float, default=120, help='seconds')
o = ap.parse_args()
torch.set_num_threads(o.threads)
os.makedirs(o.out, exist_ok=True)
hr_all = np.load(os.path.join(o.data, 'x1.npy'))
if o.degrade:
    from degrade import degrade
    r = np.random.default_rng(7)
    lr_all = np.concatenate([np.stack([degrade(h, o.scale, r) for h in hr_all]) for _ in range(o.variants)])
else:
    lr_all = np.load(os.path.join(o.data, f'x{o.scale}.npy'))
torch.manual_seed(o.seed)
net = Net(o.kind, o.scale)
opt = torch.optim.Adam(net.parameters(), o.lr, betas=(.9, .99), fused=True)
step, spent = 0, 0.0
last = os.path.join(o.out, 'last.pt')
if os.path.exists(last):
    c = torch.load(last)
    net.load_state_dict(c['net']); opt.load_state_dict(c['opt']); spent, step = c['spent'], c['step']
    ema = [v.clone() for v in c['ema'].values()]
else:
    if o.init:
        c = torch.load(o.init)['ema']
        mine = net.state_dict()
        net.load_state_dict({k: c[k] if k in c and c[k].shape == v.shape else v for k, v in mine.items()})
    ema = [v.clone() for v in net.state_dict().values()]
names, live = list(net.state_dict()), list(net.state_dict().values())
rng = np.random.default_rng([o.seed, step])
vals = {n: pairs(o.sets, n, o.scale) for n in ('Set5', 'Set14')} if o.sets else {}
s, m = o.scale, min(o.lr_patch, 144 // o.scale // 8 * 8)
X, Y = np.empty((o.batch, m, m, 3), np.uint8), np.empty((o.batch, m * s, m * s, 3), np.uint8)


def batch():
    q = lr_all.shape[1]
    for n, i in enumerate(rng.integers(0, len(lr_all), o.batch)):
        y, x = rng.integers(0, q - m + 1, 2)
        f, k = rng.integers(2), rng.integers(4)
        a, b = lr_all[i, y:y + m, x:x + m], hr_all[i % len(hr_all), y * s:(y + m) * s, x * s:(x + m) * s]
        if f:
            a, b = a[:, ::-1], b[:, ::-1]
        X[n], Y[n] = np.rot90(a, k), np.rot90(b, k)


def loss_and_gradients(psnr):
    def planes(v):
        return torch.from_numpy(v).permute(0, 3, 1, 2).float().div_(255).contiguous(memory_format=torch.channels_last)

    difference = net(planes(X)) - planes(Y)
    loss = patch_psnr_loss(difference) if psnr else difference.abs().mean()
    loss.backward()
    return loss.item()


def evaluate():
    ref = Net(o.kind, o.scale)
    ref.load_state_dict(dict(zip(names, ema)))
    r = {}
    with torch.no_grad():
        for name, ps in vals.items():
            v = []
            for hr, lr, g in ps:
                y = ref(torch.from_numpy(lr).permute(2, 0, 1)[None].float() / 255)[0].permute(1, 2, 0).numpy() * 255
                v.append(psnr_y(to8(y), hr, o.scale, g))
            r[name] = round(float(np.mean(v)), 3)
    return r


def save():
    c = dict(net=net.state_dict(), opt=opt.state_dict(), ema=dict(zip(names, ema)), step=step, spent=spent + time.time() - t0, kind=o.kind,
             scale=o.scale, args=vars(o))
    torch.save(c, last + '.tmp'); os.replace(last + '.tmp', last)


def log(**k):
    print(json.dumps(k), flush=True)
    with open(os.path.join(o.out, 'log.jsonl'), 'a') as f:
        f.write(json.dumps(k) + '\n')


t0 = t_eval = time.time()
first, tot, cnt = step, 0.0, 0
log(macs=net.macs(), step=step, patches=len(lr_all), **evaluate())
while True:
    p = (spent + time.time() - t0) / (o.minutes * 60)
    if p >= 1 or time.time() - t0 > o.stop_after * 60:
        break
    lr = float(o.lr_end + (o.lr - o.lr_end) * .5 * (1 + np.cos(np.pi * p))) * min(1, (step + 1) / o.warm)
    for g in opt.param_groups:
        g['lr'] = lr
    batch()
    opt.zero_grad()
    loss = loss_and_gradients(p >= o.psnr_after)
    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
    step += 1
    with torch.no_grad():
        torch._foreach_lerp_(ema, live, 1 - min(o.ema, (step + 1) / (step + 20)))
    tot += loss; cnt += 1
    if time.time() - t_eval > o.eval_every:
        log(step=step, loss=round(tot / cnt, 5), lr=round(lr, 7), min=round((spent + time.time() - t0) / 60, 2),
            steps_s=round((step - first) / (time.time() - t0), 1), **evaluate())
        save(); t_eval = time.time(); tot = cnt = 0
save()
log(step=step, min=round((spent + time.time() - t0) / 60, 2), **evaluate())
