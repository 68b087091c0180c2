"""Writes RESULTS.md from eval.json.   python results.py eval.json RESULTS.md"""
import json, sys
import edits

FILTERS = ('blur', 'sharpen', 'sketch', 'posterize', 'pixelate', 'emboss')

DESCRIBE = {
    'keep': 'returns the picture', 'grayscale': 'Rec. 601 luma', 'invert': '1 - x', 'sepia': 'the usual 3x3 sepia matrix', 'night': 'gamma 1.4, dark and blue',
    'brighter': 'x1.3 + 0.1', 'darker': 'x0.58', 'warmer': 'gains 1.22 / 1.03 / 0.70', 'colder': 'gains 0.70 / 0.98 / 1.22', 'contrast': 'x1.7 about mid grey',
    'fade': 'x0.55 about mid grey, lifted', 'saturate': 'chroma x1.9', 'blur': 'Gaussian, sigma 2.2 px', 'sharpen': 'unsharp mask 1.8, sigma 1.2 px', 'sketch': 'colour-dodge pencil sketch',
    'posterize': '4 levels per channel', 'pixelate': '8 px blocks', 'emboss': 'diagonal relief', 'vignette': 'quadratic, corners x0.38', 'red': 'tint 65 %', 'green': 'tint 65 %',
    'blue': 'tint 65 %', 'purple': 'tint 65 %', 'swap': 'red and blue channels exchanged', 'grain': 'luma noise, sigma 0.085 (random)', 'snow': 'random flakes, slight lift', 'fog': 'grey veil, denser at the top'}


def main(source, out):
    E = json.load(open(source))
    A, B = E['edits_128'], E['edits_256']
    o = []
    w = o.append
    w('# What instruct-pix2pix-micro was measured to do\n\nWritten by `results.py` from `eval.json`, which `evaluate.py` makes; float32 weights where nothing else is said.\n\n%d pictures at 128 px, %d at 256 px, all from the `test` split of [PICTURES.md](PICTURES.md): never trained on, and not looked at before this one evaluation. '
      'The unseen wordings were never trained on either, but they are less untouched: the grammar they were cut from was tuned for an earlier version of this model, and their classification was checked once during training (nothing was changed after it).\n\n'
      'PSNR in dB (SSIM on luma) against the true edit, capped at 60; "do nothing" is the score of the unedited picture. '
      'Guidance off. "unseen words" = wordings never trained on (built from words that were), 4 steps. For grain and snow the truth is one random draw, so PSNR has a low ceiling by construction.\n' % (A['pictures'], B['pictures']))
    w('| edit (truth) | do nothing | 128 px, 1 step | 4 steps | 8 steps | unseen words | 256 px, do nothing | 4 steps |\n|---|---|---|---|---|---|---|---|')
    for n in edits.NAMES:
        r, q = A['rows'][n], B['rows'][n]
        w('| %s (%s) | %.1f | %.1f (%.2f) | %.1f (%.2f) | %.1f (%.2f) | %.1f | %.1f | %.1f (%.2f) |' % (
            n, DESCRIBE[n], r['identity_psnr'], r['psnr_1'], r['ssim_1'], r['psnr_4'], r['ssim_4'], r['psnr_8'], r['ssim_8'], r['psnr_4_heldout_text'], q['identity_psnr'], q['psnr_4'], q['ssim_4']))
    k = 'mean_without_keep_grain_snow'
    r, q = A[k], B[k]
    w('| **mean, 24 deterministic edits** | %.1f | **%.1f** (%.2f) | **%.1f** (%.2f) | **%.1f** (%.2f) | **%.1f** | %.1f | **%.1f** (%.2f) |\n' % (
        r['identity_psnr'], r['psnr_1'], r['ssim_1'], r['psnr_4'], r['ssim_4'], r['psnr_8'], r['ssim_8'], r['psnr_4_heldout_text'], q['identity_psnr'], q['psnr_4'], q['ssim_4']))
    live = lambda T, f: [v for n, v in T['rows'].items() if (n in FILTERS) == f and n not in ('keep', 'grain', 'snow')]
    for f, t in ((False, '18 colour, tone, vignette and fog edits'), (True, '6 filters (%s)' % ', '.join(FILTERS))):
        m = lambda T, k: sum(v[k] for v in live(T, f)) / len(live(T, f))
        w('%s: do nothing %.1f; 128 px 1/4/8 steps %.1f / %.1f / %.1f; unseen words %.1f; 256 px do nothing %.1f, 1/4/8 steps %.1f / %.1f / %.1f.\n' % (
            t, m(A, 'identity_psnr'), m(A, 'psnr_1'), m(A, 'psnr_4'), m(A, 'psnr_8'), m(A, 'psnr_4_heldout_text'), m(B, 'identity_psnr'), m(B, 'psnr_1'), m(B, 'psnr_4'), m(B, 'psnr_8')))
    x, y = E['instruction_accuracy_trained_wordings'], E['instruction_accuracy_heldout_wordings']
    w('**Instruction accuracy** (is the result nearest to the true result of the edit that was asked for, among all %d?): %.1f %% on trained wordings (%d edits), %.1f %% on unseen wordings (%d edits). '
      'Nearly all misses are grain and snow: at 4 steps their texture is weaker than the true one, so the unedited picture is nearest. The others: "remove the colors from it" is read as sepia, and one nearly flat picture. Confusions are listed in eval.json.\n' % (len(edits.NAMES), 100 * x['accuracy'], x['edits'], 100 * y['accuracy'], y['edits']))
    G = E['guidance_grid_psnr']
    w('**Guidance** (mean PSNR over deterministic edits, 128 px; guidance on: every third edit, two pictures):\n\n| guidance_scale | image_guidance_scale | 1 step | 4 steps | 8 steps |\n|---|---|---|---|---|')
    for key in [k[:-7] for k in G if k.endswith('_steps1')]:
        g, i = key.split('_')[:2]
        w('| %s | %s | %s |' % (g[1:], i[1:] if g != 'g1.0' else '(off)', ' | '.join('%.1f' % G[key + '_steps%d' % s] for s in (1, 4, 8))))
    w('\n**guidance_scale and edit strength** (0 = source, 1 = the true edit, measured along the true edit; 4 steps). The empty instruction returns the picture, so guidance extrapolates from the picture through the edit; the final clip to the picture range bends the curve:\n')
    S = E['guidance_scale_edit_strength']
    gs = list(next(iter(S.values())))
    w('| edit | ' + ' | '.join(gs) + ' |\n|' + '---|' * (len(gs) + 1))
    for n, v in S.items():
        w('| %s | %s |' % (n, ' | '.join('%.2f' % v[g] for g in gs)))
    S = E['image_guidance_scale_edit_strength']
    w('\n**image_guidance_scale and edit strength** (guidance_scale 1.5):\n')
    gs = list(next(iter(next(iter(S.values())).values())))
    w('| edit | steps | ' + ' | '.join(gs) + ' |\n|' + '---|' * (len(gs) + 2))
    for n, v in S.items():
        for k, r in v.items():
            w('| %s | %s | %s |' % (n, k.split()[0], ' | '.join('%.2f' % r[g] for g in gs)))
    w('\n**negative_prompt** (blueness = mean of B - (R+G)/2, 4 steps; it only acts when guidance_scale > 1):\n')
    for p, v in E['negative_prompt'].items():
        w('* prompt "%s", source %+.3f: ' % (p, v['source']) + '; '.join('g %s: negative "" %+.3f, "make it blue" %+.3f, "make it red" %+.3f' % (
            g, v['guidance %s, negative ""' % g], v['guidance %s, negative "make it blue"' % g], v['guidance %s, negative "make it red"' % g]) for g in ('1.5', '2.0', '3.0')))
    w('\n**Strength words** (same scale as above): ' + '; '.join('%s: slightly %.2f, plain %.2f, very %.2f' % (n, v['slightly'], v['plain'], v['very']) for n, v in E['strength_words_edit_strength'].items()) + '.\n')
    st = E['steps']
    ns = [k for k in st if k.isdigit()]
    w('**num_inference_steps**: only grain and snow depend on it. High-pass deviation of these (truth: grain %.3f, snow %.3f; source %.3f) and PSNR of others.\n' % (st['truth']['highpass_std_grain'], st['truth']['highpass_std_snow'], st['source']['highpass_std']))
    ks = list(st[ns[0]])
    w('| steps | ' + ' | '.join(k.replace('highpass_std_', 'texture of ').replace('psnr_', 'PSNR ') for k in ks) + ' |\n|' + '---|' * (len(ks) + 1))
    for s in ns:
        w('| %s | %s |' % (s, ' | '.join(('%.3f' if 'highpass' in k else '%.1f') % st[s][k] for k in ks)))
    w('\n**seed** (PSNR between two seeds, 8 steps; the same seed repeats bit for bit on one machine): ' + '; '.join('%s %.1f' % (n, v['psnr_between_seeds']) for n, v in E['seed'].items()) + '.\n')
    P = E['precision_psnr_to_fp32']
    w('**Stored precision** (PSNR of the final picture against float32 / mean PSNR to truth at 4 steps): float16 %s / %.2f; int8 %s / %.2f; float32 - / %.2f.\n' % (
        ', '.join('%s: %.1f' % (k, v) for k, v in P['model_fp16.onnx'].items() if k.startswith('steps')), P['model_fp16.onnx']['psnr_to_truth_4_steps'],
        ', '.join('%s: %.1f' % (k, v) for k, v in P['model_quantized.onnx'].items() if k.startswith('steps')), P['model_quantized.onnx']['psnr_to_truth_4_steps'], P['model.onnx']['psnr_to_truth_4_steps']))
    c = E['cost']
    w('**Cost**: %.2f M parameters in the U-Net; %.2f / %.2f / %.2f GMAC per row at 128 / 256 / 512 px (a guided step is three rows).\n' % (
        c['unet_parameters'] / 1e6, c['unet_gmac_per_row_128'], c['unet_gmac_per_row_256'], c['unet_gmac_per_row_512']))
    with open(out, 'w') as f:
        f.write('\n'.join(o).rstrip('\n') + '\n')


if __name__ == '__main__':
    main(*sys.argv[1:])
