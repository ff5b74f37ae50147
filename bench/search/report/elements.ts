/** The few things of a browser that the page uses, and a shorter way to make them. */

export interface PageElement {
  className: string;
  textContent: string | null;
  readonly clientWidth: number;
  append(...content: (PageElement | string)[]): void;
  replaceChildren(...content: (PageElement | string)[]): void;
  setAttribute(name: string, value: string): void;
}

declare const document: {
  createElement(name: string): PageElement;
  getElementById(id: string): PageElement | null;
};
declare const addEventListener: (name: 'resize', listener: () => void) => void;

export const elementById = (id: string): PageElement | null => document.getElementById(id);

/** The text of an element of the page; empty when it is not there. */
export const textById = (id: string): string => elementById(id)?.textContent ?? '';

export const onResize = (listener: () => void): void => addEventListener('resize', listener);

export function element(name: string, className: string, ...content: (PageElement | string)[]): PageElement {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  made.append(...content);
  return made;
}

/** The same with an attribute. */
export function withAttribute(made: PageElement, name: string, value: string): PageElement {
  made.setAttribute(name, value);
  return made;
}

/** A square in the colour of something. The policy of the page allows styles that a program sets. */
export function swatch(colour: string): PageElement {
  return withAttribute(element('span', 'swatch'), 'style', `background:${colour}`);
}

/** A table whose first so many columns are texts; it scrolls by itself when it is too wide. */
export function table(textColumns: 1 | 2 | 3, ...rows: PageElement[]): PageElement {
  return element('div', 'scroll', element('table', `text${textColumns}`, ...rows));
}

export const headRow = (...titles: string[]): PageElement =>
  element('tr', '', ...titles.map((title) => element('th', '', title)));
