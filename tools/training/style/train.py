"""Trains one style network against one painting.

    python train.py --style PAINTING --photos FOLDER... --features compressed_SqueezeNet.net --out RUN --minutes 20
"""
import argparse, glob, json, os, time
import numpy as np
import torch, torch.nn.functional as F
from PIL import Image
from features import CONTENT, STYLE, Squeeze, gram, short, tensor
from model import Style

ap = argparse.ArgumentParser()
ap.add_argument('--style', required=True)
ap.add_argument('--photos', nargs='+', required=True)
ap.add_argument('--features', required=True)
ap.add_argument('--out', required=True)
ap.add_argument('--minutes', type=float, default=20)
ap.add_argument('--crop', type=int, default=192)
ap.add_argument('--batch', type=int, default=2)
ap.add_argument('--lr', type=float, default=2e-3)
ap.add_argument('--style-size', type=int, default=384, help='short side of the painting: sets the size of its strokes')
ap.add_argument('--content', type=float, default=1.0)
ap.add_argument('--style-weight', type=float, default=1.0)
ap.add_argument('--grid', type=float, default=4.)
ap.add_argument('--fine', type=float, default=.7)
ap.add_argument('--tv', type=float, default=.3)
ap.add_argument('--threads', type=int, default=1)
ap.add_argument('--init')
ap.add_argument('--seed', type=int, default=0)
ap.add_argument('--probe', nargs='*', default=[])
o = ap.parse_args()
torch.set_num_threads(o.threads); torch.manual_seed(o.seed); rng = np.random.default_rng(o.seed)
os.makedirs(o.out, exist_ok=True)
phi = Squeeze(o.features)


def grid(x):
    """Mean size of the three finest Haar bands, per band: a dotted grid shows here and nowhere else."""
    a, b, c, d = x[..., ::2, ::2], x[..., ::2, 1::2], x[..., 1::2, ::2], x[..., 1::2, 1::2]
    return torch.stack([(a - b - c + d).abs().mean(), (a - b + c - d).abs().mean(), (a + b - c - d).abs().mean()])


files = sorted(f for d in o.photos for e in ('jpg', 'jpeg', 'png') for f in glob.glob(os.path.join(d, '**', '*.' + e), recursive=True)
               if os.path.getsize(f) > 60000)
photos = []
for f in files:
    try:
        im = Image.open(f)
        if min(im.size) < 300:
            continue
        im.draft('RGB', (im.width // 2, im.height // 2)) if min(im.size) > 1400 else None
        photos.append(np.asarray(short(im.convert('RGB'), 440)))
    except Exception as e:
        print('skip', f, e)
print(len(photos), 'photographs', flush=True)
with torch.no_grad():
    fs = phi(tensor(short(Image.open(o.style), o.style_size)), last=8)
    fine = grid(tensor(short(Image.open(o.style), o.style_size))[:, :, :o.style_size // 2 * 2, :o.style_size // 2 * 2])
    target = [(gram(fs[i]), fs[i].mean((2, 3)), fs[i].std((2, 3))) for i in STYLE]


def batch():
    xs = []
    for i in rng.integers(0, len(photos), o.batch):
        a = photos[i]
        y, x = rng.integers(0, a.shape[0] - o.crop + 1), rng.integers(0, a.shape[1] - o.crop + 1)
        a = a[y:y + o.crop, x:x + o.crop]
        xs.append(a[:, ::-1] if rng.random() < .5 else a)
    return torch.from_numpy(np.stack(xs)).permute(0, 3, 1, 2).float() / 255


net = Style()
if o.init:
    net.load_state_dict(torch.load(o.init))
opt = torch.optim.Adam(net.parameters(), o.lr)
ema = {k: v.clone() for k, v in net.state_dict().items()}
t0 = t1 = time.time(); step = 0; acc = np.zeros(4)
while (p := (time.time() - t0) / 60 / o.minutes) < 1:
    for g in opt.param_groups:
        g['lr'] = o.lr * min(1, (step + 1) / 50) * (1 - p) ** .7
    x = batch()
    y = net(x)
    over = F.relu(-y).mean() + F.relu(y - 1).mean()
    dy, dx = rng.integers(0, 2, 2)                       # the features' first layer has stride 2: move the grid
    a, b = x[:, :, dy:, dx:], y[:, :, dy:, dx:]
    with torch.no_grad():
        fx = phi(a, last=5)[CONTENT]
    fy = phi(b, last=8)
    content = (fy[CONTENT] - fx).square().mean() / fx.square().mean()
    style = 0
    for i, (g, m, s) in zip(STYLE, target):
        style = style + (gram(fy[i]) - g).square().sum((1, 2)).mean() / g.square().sum() \
            + .3 * (fy[i].mean((2, 3)) - m).square().sum(1).mean() / m.square().sum()
    tv = (y[..., 1:] - y[..., :-1]).abs().mean() + (y[..., 1:, :] - y[..., :-1, :]).abs().mean()
    loss = o.content * content + o.style_weight * style + o.tv * tv + 10 * over + o.grid * F.relu(grid(y) - fine * o.fine).sum() + o.grid * F.relu(grid(y[..., 1:-1, 1:-1]) - fine * o.fine).sum()
    opt.zero_grad(set_to_none=True); loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step(); step += 1
    e = min(.995, (step + 1) / (step + 20))
    with torch.no_grad():
        for k, v in net.state_dict().items():
            ema[k].lerp_(v, 1 - e)
    acc += [float(content.detach()), float(style.detach()), float(tv.detach()), float(over.detach())]
    if step % 50 == 0:
        print(json.dumps(dict(step=step, min=round((time.time() - t0) / 60, 1), content=round(acc[0] / 50, 4), style=round(acc[1] / 50, 4), tv=round(acc[2] / 50, 4), over=round(acc[3] / 50, 5))), flush=True)
        acc[:] = 0
    if time.time() - t1 > 240:
        torch.save(ema, os.path.join(o.out, 'last.pt')); t1 = time.time()
torch.save(ema, os.path.join(o.out, 'last.pt'))
net.load_state_dict(ema)
for f in o.probe:
    im = short(Image.open(f), 384)
    x = tensor(im); x = x[:, :, :x.shape[2] // 4 * 4, :x.shape[3] // 4 * 4]
    with torch.no_grad():
        y = net(x).clamp(0, 1)
    Image.fromarray((torch.cat([x, y], 3)[0].permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)).save(os.path.join(o.out, os.path.basename(f).split('.')[0] + '.png'))
