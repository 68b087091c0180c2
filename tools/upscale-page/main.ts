import { type ImageToImageError, imageToImage, isImageToImageError, type OutputType, type Report } from 'tintype';

/** What the command line asks of the page. */
export interface UpscaleRequest {
  readonly model: string | undefined;
  readonly targetSize: { readonly width: number; readonly height: number } | undefined;
  readonly type: OutputType;
}

/** What the page answers; the picture itself leaves by a download, as a user would take it. */
export type UpscaleAnswer =
  | { readonly ok: true; readonly report: Report }
  | { readonly ok: false; readonly message: string; readonly code?: ImageToImageError['code'] };

declare global {
  interface Window {
    upscale(request: UpscaleRequest): Promise<UpscaleAnswer>;
    /** Put there by the command line. */
    showProgress?(line: string): void;
  }
}

window.upscale = async ({ model, targetSize, type }) => {
  const file = document.querySelector('input')?.files?.[0];
  if (file === undefined) return { ok: false, message: 'No file reached the page.' };
  const reports: Report[] = [];
  try {
    const blob = await imageToImage(
      { inputs: file, model, parameters: { target_size: targetSize } },
      {
        output: { type },
        onReport: (report) => reports.push(report),
        onProgress: ({ phase, done, total, unit }) => window.showProgress?.(`${phase}: ${done} of ${total} ${unit}`),
      },
    );
    download(blob);
  } catch (error) {
    if (isImageToImageError(error)) return { ok: false, message: error.message, code: error.code };
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
  const [report] = reports;
  return report === undefined ? { ok: false, message: 'The call gave no report.' } : { ok: true, report };
};

function download(blob: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = 'result';
  link.click();
}
