import { expect, makePicture, test } from './harness.js';

const SIZE = { width: 300, height: 200 };

test('a run that fails just after an abort leaves no engine that only seems ready', async ({ openApp }) => {
  const { page, server } = await openApp();
  // The next run's answer becomes a failure, as if memory had run out, once the page says so.
  server.addFault({
    path: /engine[^/]*\.js$/,
    effect: 'prepend',
    text: `{
      let failing = false;
      new BroadcastChannel('test-fail-next').addEventListener('message', () => { failing = true; });
      const { postMessage } = MessagePort.prototype;
      MessagePort.prototype.postMessage = function (message, transfer) {
        if (failing && message?.value?.ok && Array.isArray(transfer) && transfer.length > 0) {
          failing = false;
          message.value = { ok: false, error: { code: 'out-of-memory', phase: 'run', message: 'injected' } };
          transfer = [];
        }
        return postMessage.call(this, message, transfer);
      };
    }`,
  });
  const picture = await makePicture(page, SIZE);
  const outcome = await page.evaluate(async (picture) => {
    const client = new window.tintype.InferenceClient(undefined, { maxEngines: 1 });
    const channel = new BroadcastChannel('test-fail-next');
    const controller = new AbortController();
    const first = client.imageToImage(
      { inputs: picture },
      {
        tile: { maxSidePx: 64 },
        signal: controller.signal,
        onTile: () => {
          channel.postMessage(1);
          controller.abort('enough');
        },
      },
    );
    const reason = await first.catch((caught) => caught);
    const bitmap = await createImageBitmap(await client.imageToImage({ inputs: picture }));
    return [reason, bitmap.width];
  }, picture);
  expect(outcome).toEqual(['enough', 600]);
});

test('another model right after an abort gets its own result, at whatever moment the abort comes', async ({
  openApp,
}) => {
  const { page } = await openApp();
  const picture = await makePicture(page, SIZE);
  const results = await page.evaluate(async (picture) => {
    const results: unknown[] = [];
    for (const delayMs of [0, 5, 20, 40, 60, 100, 200, 400]) {
      const client = new window.tintype.InferenceClient();
      const controller = new AbortController();
      const first = client
        .imageToImage({ inputs: picture, model: 'tintype-sr-x3' }, { signal: controller.signal })
        .catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      controller.abort();
      let warnings = -1;
      const blob = await client.imageToImage(
        { inputs: picture, model: 'tintype-restore' },
        {
          onReport: (report) => {
            warnings = report.warnings.length;
          },
        },
      );
      await first;
      results.push([(await createImageBitmap(blob)).width, warnings]);
      await client.dispose();
    }
    return results;
  }, picture);
  expect(results).toEqual(Array(8).fill([300, 0]));
});

test('a stalled runtime does not outlive the abort', async ({ openApp }) => {
  const { page, server } = await openApp();
  server.addFault({ path: /\.wasm$/, effect: 'stall', times: 1 });
  const picture = await makePicture(page, SIZE);
  const width = await page.evaluate(async (picture) => {
    const client = new window.tintype.InferenceClient();
    const controller = new AbortController();
    const stalled = client.imageToImage(
      { inputs: picture },
      {
        signal: controller.signal,
        onProgress: ({ phase }) => {
          if (phase === 'compile') setTimeout(() => controller.abort('too long'), 200);
        },
      },
    );
    const reason = await stalled.catch((caught) => caught);
    return [reason, (await createImageBitmap(await client.imageToImage({ inputs: picture }))).width];
  }, picture);
  expect(width).toEqual(['too long', 600]);
});

test('a loaded model whose load is aborted while the runtime stalls can be loaded again', async ({ openApp }) => {
  const { page, server } = await openApp();
  server.addFault({ path: /\.wasm$/, effect: 'stall', times: 1 });
  const state = await page.evaluate(async () => {
    const client = new window.tintype.InferenceClient();
    const controller = new AbortController();
    const stalled = client.load(
      {},
      {
        signal: controller.signal,
        onProgress: ({ phase }) => {
          if (phase === 'compile') setTimeout(() => controller.abort('too long'), 200);
        },
      },
    );
    const reason = await stalled.catch((caught) => caught);
    await client.load();
    return [reason, await client.availability()];
  });
  expect(state).toEqual(['too long', 'available']);
});

test('an abort is heeded while the input itself is still loading', async ({ openApp }) => {
  const { page } = await openApp();
  const outcome = await page.evaluate(async () => {
    const client = new window.tintype.InferenceClient();
    const image = new Image();
    // As one whose file stalls.
    image.decode = () => new Promise(() => {});
    const reports: string[] = [];
    const options = {
      signal: AbortSignal.timeout(200),
      onReport: (report: { outcome: string }) => reports.push(report.outcome),
    };
    const names = [];
    for (const call of [
      client.imageToImage({ inputs: image }, options),
      client.estimate({ inputs: image }, { signal: options.signal }),
    ]) {
      names.push(
        await call.then(
          () => 'resolved',
          (caught: Error) => caught.name,
        ),
      );
    }
    return { names, reports };
  });
  expect(outcome).toEqual({ names: ['TimeoutError', 'TimeoutError'], reports: ['aborted'] });
});

test('nothing is told after the promise has settled', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await makePicture(page, { width: 640, height: 480 });
  const late = await page.evaluate(async (picture) => {
    const late: string[] = [];
    for (const phase of ['decode', 'download', 'verify', 'compile', 'tiles']) {
      const client = new window.tintype.InferenceClient();
      await client.storage.clear();
      const controller = new AbortController();
      let settled = false;
      const note = (what: string) => () => {
        if (settled) late.push(`${what} after an abort at ${phase}`);
      };
      await client
        .imageToImage(
          { inputs: picture },
          {
            signal: controller.signal,
            tile: { maxSidePx: 64 },
            onTile: note('tile'),
            onProgress: (event) => {
              note(event.phase)();
              if (event.phase === phase) controller.abort();
            },
          },
        )
        .catch(() => {});
      settled = true;
      await new Promise((resolve) => setTimeout(resolve, 700));
      await client.dispose();
    }
    return late;
  }, picture);
  expect(late).toEqual([]);
});

test('dispose settles what runs, what waits and what prepares, and nothing starts again', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await makePicture(page, { width: 640, height: 480 });
  const outcomes = await page.evaluate(async (picture) => {
    const client = new window.tintype.InferenceClient(undefined, { idleMs: 2 ** 30 });
    const calls: Promise<unknown>[] = [];
    await new Promise<void>((resolve) => {
      calls.push(client.imageToImage({ inputs: picture }, { tile: { maxSidePx: 64 }, onTile: () => resolve() }));
      calls.push(client.imageToImage({ inputs: picture }));
    });
    calls.push(client.imageToImage({ inputs: picture, model: 'tintype-restore' }));
    await client.dispose();
    calls.push(
      client.imageToImage({ inputs: picture }),
      client.availability(),
      client.models.list(),
      client.storage.clear(),
    );
    const settled = await Promise.allSettled(calls);
    return settled.map((result) =>
      result.status === 'rejected' ? (result.reason.code ?? result.reason.name) : 'resolved',
    );
  }, picture);
  expect(outcomes.slice(0, 3)).toEqual(Array(3).fill('worker-crashed'));
  expect(outcomes.slice(3)).toEqual(Array(4).fill('TypeError'));
  await expect.poll(() => page.workers().length, { timeout: 5_000 }).toBe(0);
});

test('a catalogue that cannot be fetched is model-unavailable, and the next call works', async ({ openApp }) => {
  const { page, server } = await openApp();
  server.addFault({ path: /catalogue[^/]*\.js$/, effect: 503, times: 1 });
  const picture = await makePicture(page, SIZE);
  const codes = await page.evaluate(async (picture) => {
    const client = new window.tintype.InferenceClient();
    const call = (): Promise<string> =>
      client.imageToImage({ inputs: picture }).then(
        () => 'done',
        (caught) => caught.code,
      );
    return [await call(), await call()];
  }, picture);
  expect(codes).toEqual(['model-unavailable', 'done']);
});

test('a model that is not plain data is misuse, not a dead worker', async ({ openApp }) => {
  const { page } = await openApp();
  const picture = await makePicture(page, SIZE);
  const name = await page.evaluate(async (picture) => {
    const manifest = {
      ...(await new window.tintype.InferenceClient().models.get('tintype-restore')),
      id: 'own',
      extra: () => {},
    };
    const client = new window.tintype.InferenceClient(undefined, { models: [manifest] });
    return client.imageToImage({ inputs: picture, model: 'own' }).then(
      () => 'done',
      (caught: Error) => caught.name,
    );
  }, picture);
  expect(name).toBe('TypeError');
});

test('reports tell an abort from misuse, and count what was fetched in vain', async ({ openApp }) => {
  const { page, server } = await openApp();
  server.addFault({ path: /\.onnx$/, effect: 'flip' });
  const picture = await makePicture(page, SIZE);
  const reports = await page.evaluate(async (picture) => {
    const client = new window.tintype.InferenceClient();
    const reports: { outcome: string; where: string; down: number }[] = [];
    const onReport = ({ outcome, where, bytes }: { outcome: string; where: string; bytes: { down: number } }): void => {
      reports.push({ outcome, where, down: bytes.down });
    };
    const signal = AbortSignal.abort('before');
    const parameters = { num_inference_steps: 0.5 };
    await client.imageToImage({ inputs: picture, parameters }, { signal, onReport }).catch(() => {});
    await client.imageToImage({ inputs: picture }, { signal, onReport }).catch(() => {});
    await client.imageToImage({ inputs: picture, model: 'no-such' }, { onReport }).catch(() => {});
    await client.imageToImage({ inputs: picture }, { onReport }).catch(() => {});
    return { reports, sizeBytes: (await client.models.list())[0]?.sizeBytes ?? 0 };
  }, picture);
  expect(reports.reports).toEqual([
    { outcome: 'failed', where: 'nowhere', down: 0 },
    { outcome: 'aborted', where: 'nowhere', down: 0 },
    { outcome: 'failed', where: 'nowhere', down: 0 },
    { outcome: 'failed', where: 'in-page', down: 2 * reports.sizeBytes },
  ]);
});
