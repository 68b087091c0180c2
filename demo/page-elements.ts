/**
 * The element of that id in the page.
 * @throws Error if the page has none of that kind: scripts and HTML belong together.
 */
export function byId<T extends Element>(id: string, kind: abstract new () => T): T {
  const found = document.getElementById(id) as Element | null;
  if (found instanceof kind) return found;
  throw new Error(`The page has no ${kind.name} with the id "${id}".`);
}

/**
 * Hides an element. The keyboard's place in the page, if that is inside, goes to the refuge instead of being lost.
 * @param hidden False shows it again.
 */
export function hideAround(element: HTMLElement, refuge: HTMLElement, hidden = true): void {
  if (hidden && element.contains(document.activeElement)) refuge.focus({ preventScroll: true });
  element.hidden = hidden;
}

/** A new element with text and attributes. Styles belong to style.css: the page's policy refuses style attributes. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string | boolean>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, '');
    else if (value !== false) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}
