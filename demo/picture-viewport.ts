/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** `fit` shows the whole picture; a number is screen pixels per picture pixel. */
export type Zoom = 'fit' | number;

/** A place on the screen that stays where it is while the zoom changes. */
interface Anchor {
  readonly clientX: number;
  readonly clientY: number;
}

const MAX_ZOOM = 8;

/** What part of a picture is seen, and how large. Every `.layer` in the frame follows it, so both sides stay together. */
export interface PictureViewport {
  /** Another picture, or the same in another size. A zoom that was chosen is kept for the same shape. */
  setPicture(size: Size): void;
  setZoom(zoom: Zoom, anchor?: Anchor): void;
  /** Zooms by a factor from where it is now. */
  zoomBy(factor: number, anchor?: Anchor): void;
  /** Moves the picture by screen distances. @returns whether it moved */
  pan(dx: number, dy: number): boolean;
  /** Whether some of the picture lies outside of the frame. */
  isZoomedIn(): boolean;
  /** Moves the picture so that a point of it, 0 to 1 on both axes, can be seen; not at all if it can be. */
  reveal(point: { readonly x: number; readonly y: number }): void;
}

/**
 * Sizes the frame inside the mat and places the picture inside the frame, by custom properties that style.css reads.
 * @param onChange Told the zoom and the screen pixels per picture pixel.
 */
export function createPictureViewport(
  mat: HTMLElement,
  frame: HTMLElement,
  onChange: (zoom: Zoom, scale: number) => void,
): PictureViewport {
  let picture: Size = { width: 1, height: 1 };
  let zoom: Zoom = 'fit';
  /** The point of the picture, 0 to 1, that lies in the middle of the frame. */
  let centre = { x: 0.5, y: 0.5 };

  const room = (): Size => {
    const style = getComputedStyle(mat);
    return {
      width: Math.max(
        1,
        mat.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight),
      ),
      height: Math.max(
        1,
        mat.clientHeight - Number.parseFloat(style.paddingTop) - Number.parseFloat(style.paddingBottom),
      ),
    };
  };
  const fitScale = (): number => {
    const { width, height } = room();
    return Math.min(width / picture.width, height / picture.height, 4);
  };
  /** CSS pixels per picture pixel. */
  const cssScale = (): number => (zoom === 'fit' ? fitScale() : zoom / devicePixelRatio);

  function measure(): { readonly content: Size; readonly box: Size } {
    const scale = cssScale();
    const content = { width: picture.width * scale, height: picture.height * scale };
    const { width, height } = room();
    return { content, box: { width: Math.min(width, content.width), height: Math.min(height, content.height) } };
  }

  function apply(): void {
    const { content, box } = measure();
    centre = {
      x: clamp(centre.x, box.width / 2 / content.width),
      y: clamp(centre.y, box.height / 2 / content.height),
    };
    const set = (name: string, px: number) => frame.style.setProperty(name, `${px}px`);
    set('--box-width', box.width);
    set('--box-height', box.height);
    set('--content-width', content.width);
    set('--content-height', content.height);
    set('--content-x', box.width / 2 - centre.x * content.width);
    set('--content-y', box.height / 2 - centre.y * content.height);
    onChange(zoom, cssScale() * devicePixelRatio);
  }

  function setZoom(wished: Zoom, anchor?: Anchor): void {
    const box = frame.getBoundingClientRect();
    const from = anchor ?? { clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 };
    const offset = { x: from.clientX - box.left - box.width / 2, y: from.clientY - box.top - box.height / 2 };
    const before = measure().content;
    const held = { x: centre.x + offset.x / before.width, y: centre.y + offset.y / before.height };
    const smallest = Math.min(1, fitScale() * devicePixelRatio);
    zoom = wished === 'fit' ? 'fit' : Math.min(MAX_ZOOM, Math.max(smallest, wished));
    const after = measure().content;
    centre = { x: held.x - offset.x / after.width, y: held.y - offset.y / after.height };
    apply();
  }

  new ResizeObserver(apply).observe(mat);
  return {
    setPicture(size) {
      if (!isSameShape(size, picture)) {
        zoom = 'fit';
        centre = { x: 0.5, y: 0.5 };
      }
      picture = size;
      apply();
    },
    setZoom,
    zoomBy(factor, anchor) {
      const now = cssScale() * devicePixelRatio;
      const isSmallest = factor < 1 && now * factor <= fitScale() * devicePixelRatio;
      setZoom(isSmallest ? 'fit' : now * factor, anchor);
    },
    pan(dx, dy) {
      const { content } = measure();
      const before = centre;
      centre = { x: centre.x - dx / content.width, y: centre.y - dy / content.height };
      apply();
      return centre.x !== before.x || centre.y !== before.y;
    },
    isZoomedIn() {
      const { content, box } = measure();
      return content.width > box.width + 1 || content.height > box.height + 1;
    },
    reveal(point) {
      const { content, box } = measure();
      const isSeen =
        Math.abs(point.x - centre.x) * content.width < box.width / 2 &&
        Math.abs(point.y - centre.y) * content.height < box.height / 2;
      if (isSeen) return;
      centre = { x: point.x, y: point.y };
      apply();
    },
  };
}

/** Whether two pictures can lie over each other: rounding a size to whole pixels changes its proportions a little. */
export function isSameShape(a: Size, b: Size): boolean {
  return Math.abs(a.width / a.height / (b.width / b.height) - 1) < 0.01;
}

/** Keeps a coordinate at least `margin` from both ends of 0 to 1. */
function clamp(value: number, margin: number): number {
  return margin >= 0.5 ? 0.5 : Math.min(1 - margin, Math.max(margin, value));
}
