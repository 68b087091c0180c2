/** A busy client of Tintype starts further engines by and by; with short calls, all that it ever will within this many. */
export const MOST_WARM_UPS = 6;

/** One way to make a picture of another, from file to file. Runs in the page; may start workers. */
export interface Side {
  /** What the table calls it: `tintype`, `parts`, `stages`, `upscalerjs`, `transformers.js`. */
  readonly name: string;
  /** Downloads, compiles, and warms up with at least one run. */
  prepare(settings: Settings): Promise<void>;
  /** The timed work, Blob to Blob. `timingsMs` are its own parts, where it knows them. */
  run(picture: Blob): Promise<SideResult>;
  /** Ends workers and returns memory. */
  dispose(): Promise<void>;
}

/** What one run gave. */
export interface SideResult {
  readonly blob: Blob;
  readonly timingsMs?: Readonly<Record<string, number>>;
}

/** What a side is to use. Further keys are known to the side and to the scenario that sets them. */
export interface Settings {
  /** Id as in Tintype's catalogue, such as `esrgan-slim-x2`. */
  readonly model: string;
  /** Workers or threads at most. */
  readonly engines: number;
  /** The picture that will be timed, to warm up with. Every scenario of ours gives it. */
  readonly picture?: Blob;
  /** MIME type of the result. @default 'image/png' */
  readonly output?: 'image/png' | 'image/jpeg';
  readonly [key: string]: unknown;
}
