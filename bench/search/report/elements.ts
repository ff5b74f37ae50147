/** The few things of a browser that the page uses, and a shorter way to make them. */

export interface PageElement {
  className: string;
  textContent: string | null;
  readonly clientWidth: number;
  append(...content: (PageElement | string)[]): void;
}

declare const document: {
  readonly body: PageElement;
  createElement(name: string): PageElement;
  getElementById(id: string): PageElement | null;
};

export const pageBody = (): PageElement => document.body;

/** The text of an element of the page; empty when it is not there. */
export const textById = (id: string): string => document.getElementById(id)?.textContent ?? '';

export function element(name: string, className: string, ...content: (PageElement | string)[]): PageElement {
  const made = document.createElement(name);
  made.className = className;
  made.append(...content);
  return made;
}
