/** A prompt that is known to work, under a short name. */
export interface Example {
  readonly name: string;
  readonly prompt: string;
  /** Shown before the others are unfolded. */
  readonly isFavourite?: boolean;
}

/** What a visitor should know of a model before they judge it. */
export interface EditGuide {
  /** What it can do, and what comes of anything else. */
  readonly intro: string;
  readonly guidance: string;
  readonly steps: string;
  readonly seed: string;
  readonly groups: readonly { readonly name: string; readonly examples: readonly Example[] }[];
}

/** Every edit that the model was trained on, in its plainest wording; the numbers are from its card (models/instruct-pix2pix-micro). */
const MICRO: EditGuide = {
  intro:
    'A small model that knows 27 edits in many wordings, most of them also with “slightly” or “very”. ' +
    'One edit at a time; other words give something arbitrary.',
  guidance: '1 is the plain edit. More exaggerates it, above 2 mostly too much, and takes twice the work.',
  steps: '1 is enough for all but grain and snow: these need 4, better 8.',
  seed: 'It matters for grain and snow only.',
  groups: [
    {
      name: 'Light',
      examples: [
        { name: 'Brighter', prompt: 'increase the brightness' },
        { name: 'Darker', prompt: 'decrease the brightness' },
        { name: 'More contrast', prompt: 'increase the contrast' },
        { name: 'Less contrast', prompt: 'decrease the contrast' },
        { name: 'Vignette', prompt: 'add a vignette' },
        { name: 'Night', prompt: 'turn day into night', isFavourite: true },
      ],
    },
    {
      name: 'Colour',
      examples: [
        { name: 'Black and white', prompt: 'convert the image to grayscale', isFavourite: true },
        { name: 'Sepia', prompt: 'apply a sepia filter' },
        { name: 'Sunset', prompt: 'make it look like sunset', isFavourite: true },
        { name: 'Cold', prompt: 'add cold tones' },
        { name: 'Vivid', prompt: 'increase the saturation' },
        { name: 'Negative', prompt: 'invert the image' },
        { name: 'Swap red and blue', prompt: 'swap red and blue' },
      ],
    },
    {
      name: 'Tint',
      examples: [
        { name: 'Red', prompt: 'add a red tint' },
        { name: 'Green', prompt: 'add a green tint' },
        { name: 'Blue', prompt: 'add a blue tint' },
        { name: 'Purple', prompt: 'add a purple tint' },
      ],
    },
    {
      name: 'Drawing and focus',
      examples: [
        { name: 'Pencil sketch', prompt: 'turn the image into a pencil sketch', isFavourite: true },
        { name: 'Cartoon', prompt: 'turn the image into a cartoon', isFavourite: true },
        { name: 'Pixels', prompt: 'pixelate the image' },
        { name: 'Relief', prompt: 'emboss the image' },
        { name: 'Blur', prompt: 'blur the image' },
        { name: 'Sharpen', prompt: 'sharpen the image' },
      ],
    },
    {
      name: 'Weather and texture',
      examples: [
        { name: 'Snow', prompt: 'add snow', isFavourite: true },
        { name: 'Fog', prompt: 'add fog', isFavourite: true },
        { name: 'Film grain', prompt: 'add film grain' },
        { name: 'No change', prompt: 'do nothing' },
      ],
    },
  ],
};

/** For models that this page knows nothing particular of. */
const ANY_MODEL: EditGuide = {
  intro: 'Say what should be different. What the model can do is in its description below.',
  guidance: 'How closely to follow the words.',
  steps: 'More take longer, and mostly give finer results.',
  seed: 'The same seed gives the same result again.',
  groups: [],
};

/** @param modelId Of a model for prompted edits. */
export function guideTo(modelId: string): EditGuide {
  return modelId === 'instruct-pix2pix-micro' ? MICRO : ANY_MODEL;
}
