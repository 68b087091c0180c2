import * as ort from 'onnxruntime-web/jspi';

// Opens a model on WebGPU with the runtime's own log switched on, which says where each node was placed. Not through the
// package: its engines log errors only.
addEventListener('message', async ({ data }: MessageEvent<{ url: string; sidePx: number }>) => {
  try {
    ort.env.logLevel = 'verbose';
    ort.env.wasm.numThreads = 1;
    const bytes = await (await fetch(data.url)).arrayBuffer();
    const session = await ort.InferenceSession.create(bytes, {
      executionProviders: ['webgpu'],
      logSeverityLevel: 0,
      freeDimensionOverrides: { height: data.sidePx, width: data.sidePx },
    });
    await session.release();
    postMessage('opened');
  } catch (caught) {
    postMessage(String(caught));
  }
});
