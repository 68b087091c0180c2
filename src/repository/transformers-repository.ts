import type { FeedForwardManifest, ModelVariant } from '../contract/manifest.js';
import { checkProcessor, readPreprocessing } from './float-pixels.js';
import { defaultDtypes, findGraph, graphPath, wishedDtypes } from './graph-files.js';
import { Fields, type JsonObject } from './json-object.js';
import { makeCard } from './model-card.js';
import type { RepositoryDtype, RepositoryOptions } from './options.js';
import { importTransformers, type Transformers } from './peer.js';
import { unusable } from './refusal.js';
import { CONFIG_PATHS, type Repository } from './repository.js';
import { estimateSwinCost } from './swin-cost.js';

/** transformers.js's folder for graphs, and the names that its image-to-image models give to their ends. */
const GRAPH_FOLDER = 'onnx';
const INPUT = 'pixel_values';
const OUTPUT = 'reconstruction';

/**
 * Context that tiles keep. These networks look further (attention windows shift from layer to layer), but little of that is seen:
 * pass more where seams show.
 */
const OVERLAP_PX = 32;

/** Swin2SR's own. */
const WINDOW_PX = 8;

/**
 * The manifest of a transformers.js repository for image to image. The library is asked which model types are such, and its image
 * processor is held against Tintype's own conversion; it loads nothing by itself.
 * @param config Its `config.json`.
 * @param importPeer For tests.
 * @throws ImageToImageError `model-unavailable` naming the part that is missing or not supported; `environment-unsupported` if the
 * library is not installed.
 */
export async function readTransformersRepository(
  repository: Repository,
  config: JsonObject,
  options: RepositoryOptions,
  importPeer: () => Promise<Transformers> = importTransformers,
): Promise<FeedForwardManifest> {
  const fields = new Fields(config, CONFIG_PATHS.config);
  const modelType = fields.text('model_type');
  if (modelType === undefined) {
    throw unusable(
      `config.json in ${repository.place} has no model_type, so this is no transformers.js repository. Name the folder that holds the whole model.`,
    );
  }
  const preprocessor = await repository.readConfig('preprocessor');
  if (!preprocessor) {
    throw unusable(
      'preprocessor_config.json is missing. Add it, or pass its fields as configs: { preprocessor: { ... } }.',
      { missing: CONFIG_PATHS.preprocessor },
    );
  }
  const transformers = await importPeer();
  requireImageToImage(transformers, modelType);
  const scale = readScale(fields);
  const preprocessing = readPreprocessing(preprocessor);
  await checkProcessor(transformers, preprocessor, preprocessing);
  const variants = await findFiles(repository, wishedDtypes(options.dtype));
  const { overlapPx = OVERLAP_PX } = options;
  const cost = estimateSwinCost(config, scale);
  return {
    ...makeCard(repository, options, {
      task: scale > 1 ? 'super-resolution' : 'restoration',
      summary: scale > 1 ? `Enlarges pictures ${scale} times.` : 'Repairs pictures at their own size.',
      honours: [],
    }),
    pipeline: 'feed-forward',
    input: INPUT,
    output: OUTPUT,
    floatPixels: preprocessing.floatPixels,
    scale,
    receptiveFieldPx: overlapPx,
    tile: { overlapPx, multiple: preprocessing.padMultiple ?? fields.count('window_size') ?? WINDOW_PX },
    macsPerPixel: options.macsPerPixel ?? cost.macsPerPixel,
    activationBytesPerPixel: options.activationBytesPerPixel ?? cost.activationBytesPerPixel,
    variants,
    defaultDtype: defaultDtypes(variants.map(({ dtype }) => dtype as RepositoryDtype)),
  };
}

function requireImageToImage({ AutoModelForImageToImage }: Transformers, modelType: string): void {
  const known = AutoModelForImageToImage.MODEL_CLASS_MAPPINGS.flatMap((mapping) => [...mapping.keys()]);
  if (known.includes(modelType)) return;
  throw unusable(
    `model_type ${modelType} is not for image to image in @huggingface/transformers, which has ${known.join(', ')}. Use such a model, or describe this one in a manifest of your own.`,
    { modelType },
  );
}

/** `upscale`, or 1 for models that have no upsampler (they clean pictures). */
function readScale(fields: Fields): number {
  const channels = fields.count('num_channels') ?? 3;
  if (channels !== 3) throw fields.wrong('num_channels', '3: pictures are given in colour');
  if (!fields.isSet('upscale')) throw fields.wrong('upscale', 'a whole number of at least 1');
  return fields.text('upsampler') ? (fields.count('upscale') ?? 1) : 1;
}

async function findFiles(repository: Repository, dtypes: readonly RepositoryDtype[]): Promise<readonly ModelVariant[]> {
  const found = await Promise.all(
    dtypes.map(async (dtype) => {
      const graph = await findGraph(repository, graphPath(GRAPH_FOLDER, dtype));
      return graph && { dtype, ...graph };
    }),
  );
  const variants = found.filter((variant) => variant !== undefined);
  if (variants.length > 0) return variants;
  const names = dtypes.map((dtype) => graphPath(GRAPH_FOLDER, dtype)).join(', ');
  throw unusable(`No graph in ${repository.place}: not found ${names}. Add one, or name another path in \`files\`.`, {
    missing: names,
  });
}
