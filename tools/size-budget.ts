/** How much one entry of the package may weigh. */
export interface SizeBudget {
  /** What the entry is, for people. */
  readonly name: string;
  /** Built file, from the repository's root. */
  readonly entry: string;
  /** Brotli-compressed, minified JavaScript that is fetched with the entry; later chunks, wasm and models not counted. */
  readonly maxBrotliBytes: number;
}

/**
 * Reads `size-budget.json`. Nothing is filled in: a budget that was mistyped would otherwise let everything pass.
 * @throws RangeError that names the faulty entry.
 */
export function readBudgets(text: string): SizeBudget[] {
  const parsed: unknown = JSON.parse(text);
  if (!isRecord(parsed) || Object.keys(parsed).length === 0) throw new RangeError('size-budget.json holds no budget.');
  return Object.entries(parsed).map(([name, budget]) => {
    if (!isRecord(budget)) throw new RangeError(`size-budget.json: "${name}" is not an object.`);
    const { entry, maxBrotliBytes, ...unknown } = budget;
    const [stray] = Object.keys(unknown);
    if (stray !== undefined) throw new RangeError(`size-budget.json: "${name}" has an unknown field "${stray}".`);
    if (typeof entry !== 'string' || entry === '') throw new RangeError(`size-budget.json: "${name}" names no entry.`);
    if (typeof maxBrotliBytes !== 'number' || !Number.isSafeInteger(maxBrotliBytes) || maxBrotliBytes <= 0) {
      throw new RangeError(`size-budget.json: maxBrotliBytes of "${name}" must be a positive whole number.`);
    }
    return { name, entry, maxBrotliBytes };
  });
}

/** What was found when an entry was bundled. */
export interface EntrySize {
  readonly brotliBytes: number;
  /** Modules in what is fetched at once, as paths. */
  readonly modules: readonly string[];
  /** The bundled text of what is fetched at once. */
  readonly code: string;
}

/** Must never be fetched with the page itself: runtimes and weights come when a worker asks for them. */
const FORBIDDEN_IN_PAGE = [/node_modules\/onnxruntime/, /node_modules\/@huggingface\//, /\.onnx\b/, /\.wasm\b/];

/** What is wrong with an entry, in words; empty if nothing is. */
export function judgeSize(budget: SizeBudget, size: EntrySize): string[] {
  const faults: string[] = [];
  if (size.brotliBytes > budget.maxBrotliBytes) {
    faults.push(`${budget.name} weighs ${size.brotliBytes} bytes, more than its ${budget.maxBrotliBytes}.`);
  }
  if (budget.name !== 'page') return faults;
  const modules = size.modules.filter((path) => FORBIDDEN_IN_PAGE.some((pattern) => pattern.test(path)));
  faults.push(...modules.map((path) => `The page entry holds ${path}.`));
  // Weights can also come in as text: a bundler inlines small assets as base64.
  if (/data:[^'"`]{0,60};base64,[A-Za-z0-9+/]{256}/.test(size.code)) faults.push('The page entry holds inlined data.');
  return faults;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
