"""Writes what a test of another implementation compares with, and the contact sheet.

    python reference.py --model MODEL_FOLDER --cases ../../../fixtures/instruct-pix2pix-micro [--sheet FILE --photo PICTURE]

The cases are computed with the int8 graphs, which are shipped; the sheet too.
"""
import argparse, json, os
import numpy as np
import torch
from PIL import Image, ImageDraw
import edits
from pipeline import Editor

CASES = [
    dict(name='sepia-64x64', size=(64, 64), prompt='make it sepia', negative_prompt='', num_inference_steps=4, guidance_scale=1.0, image_guidance_scale=1.0, seed=0),
    dict(name='darker-not-blue-96x80', size=(80, 96), prompt='make it darker', negative_prompt='make it blue', num_inference_steps=6, guidance_scale=2.0, image_guidance_scale=1.0, seed=7),
    dict(name='snow-64x64', size=(64, 64), prompt='Add SNOW to the picture, please!', negative_prompt='', num_inference_steps=8, guidance_scale=1.5, image_guidance_scale=1.5, seed=123),
    # the noise matters without guidance only for the random edits, and in every guided step whose image guidance is not 1
    dict(name='grain-64x64', size=(64, 64), prompt='add film grain', negative_prompt='', num_inference_steps=4, guidance_scale=1.0, image_guidance_scale=1.0, seed=5),
    dict(name='blur-64x72', size=(72, 64), prompt='blur it', negative_prompt='', num_inference_steps=6, guidance_scale=1.5, image_guidance_scale=1.25, seed=9),
]


def u8(x):
    return np.rint(np.clip(x, 0, 1) * 255).astype(np.uint8)          # half to even


def cases(model, d):
    ed, full = Editor(model, 'model_quantized.onnx'), Editor(model)
    os.makedirs(d, exist_ok=True)
    out = []
    for i, c in enumerate(CASES):
        h, w = c['size']
        x = u8(edits.procedural(1, h, w, torch.Generator().manual_seed(40 + i))[0].permute(1, 2, 0).numpy())
        noise = ed.noise(1, h, w, c['seed'])
        run = lambda e: e(x[None].astype(np.float32) / 255, c['prompt'], c['negative_prompt'], c['num_inference_steps'], c['guidance_scale'], c['image_guidance_scale'], noise=noise)
        y, f32 = run(ed), run(full)
        put = lambda kind, values: values.astype('<f4').tofile(os.path.join(d, '%s.%s.bin' % (c['name'], kind)))
        put('noise', noise)
        put('expected', y[0].transpose(2, 0, 1))
        for kind, p in (('source', x), ('expected', u8(y[0]))):
            Image.fromarray(p).save(os.path.join(d, '%s.%s.png' % (c['name'], kind)), optimize=True)
        ts, sg = ed.schedule(c['num_inference_steps'])
        ids = lambda t: [int(n) for n in ed.ids([t])[0]]
        out.append(dict(name=c['name'], width=w, height=h, **{k: c[k] for k in c if k not in ('name', 'size')}, noise_shape=list(noise.shape),
                        timesteps=ts.tolist(), sigmas=sg.tolist(), input_ids=ids(c['prompt']), negative_input_ids=ids(c['negative_prompt']),
                        psnr_to_float32_graphs=round(float(-10 * np.log10(((y - f32) ** 2).mean())), 2)))
    with open(os.path.join(d, 'cases.json'), 'w') as f:
        rows = lambda c: ',\n'.join('  %s: %s' % (json.dumps(k), json.dumps(v)) for k, v in c.items())
        f.write('[\n' + ',\n'.join(' {\n%s\n }' % rows(c) for c in out) + '\n]\n')


def sheet(model, photo, out):
    ed = Editor(model, 'model_quantized.onnx')
    T, pad, lab = 92, 4, 13
    im = Image.open(photo).convert('RGB')
    k = min(im.size)
    im = im.crop(((im.width - k) // 2, (im.height - k) // 2, (im.width + k) // 2, (im.height + k) // 2)).resize((192, 192), Image.LANCZOS)
    src = np.asarray(im)[None].astype(np.float32) / 255
    g = torch.Generator().manual_seed(5)
    cols, rows = 3, -(-len(edits.NAMES) // 3)
    bw = 3 * (T + pad) + 8
    S = Image.new('RGB', (cols * bw + pad, rows * (T + lab + pad) + lab + pad), 'white')
    D = ImageDraw.Draw(S)
    for i, n in enumerate(edits.NAMES):
        p = edits.TEXT[n]['v'][0].replace('{o}', 'the image')
        y = edits.apply(n, torch.from_numpy(src).permute(0, 3, 1, 2), 1.0, g).permute(0, 2, 3, 1).numpy()
        o = ed(src, p, steps=8)
        x0, y0 = (i // rows) * bw + pad, (i % rows) * (T + lab + pad) + lab + pad
        if i % rows == 0:
            for j, t in enumerate(('source', 'true edit', 'model')):
                D.text((x0 + j * (T + pad), 1), t, fill='black')
        D.text((x0, y0), p, fill='black')
        for j, z in enumerate((src, y, o)):
            S.paste(Image.fromarray(u8(z[0])).resize((T, T), Image.LANCZOS), (x0 + j * (T + pad), y0 + lab))
    S.save(out, quality=75, optimize=True, progressive=True, subsampling=0)


if __name__ == '__main__':
    p = argparse.ArgumentParser()
    p.add_argument('--model', required=True); p.add_argument('--cases', required=True); p.add_argument('--sheet'); p.add_argument('--photo')
    a = p.parse_args()
    cases(a.model, a.cases)
    if a.sheet:
        sheet(a.model, a.photo, a.sheet)
