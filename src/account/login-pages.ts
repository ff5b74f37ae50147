/** The pages of a browser login. In: a title and a text. Out: a whole page without scripts, or the plain text. */

export interface Page {
  readonly status: number;
  readonly title: string;
  /** One sentence; programs get it instead of a page. */
  readonly text: string;
  readonly advice: string;
}

export interface Rendered {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

const SAFETY = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
};

/** A page for a browser, the text alone for other clients. */
export function render(page: Page, accept: string): Rendered {
  const isBrowser = accept.includes('text/html');
  const contentType = isBrowser ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8';
  return { body: isBrowser ? html(page) : page.text, headers: { ...SAFETY, 'content-type': contentType } };
}

/** The end of a login is always a page. */
export const renderSuccess = (page: Page): Rendered => render(page, 'text/html');

export const SIGNED_IN: Page = {
  status: 200,
  title: 'Signed in',
  text: 'You are signed in.',
  advice: 'You can close this window and go back to your editor.',
};

export const CANCELLED: Page = {
  status: 200,
  title: 'Login cancelled',
  text: 'Login cancelled',
  advice: 'Start again from your editor when you want to sign in.',
};

/** A step failed; the browser may retry it as long as the login is open. */
export const problem = (status: number, text: string): Page => ({
  status,
  title: 'Not signed in',
  text,
  advice: 'Start the login again from your editor. If this keeps happening, look at the editor’s log.',
});

const html = ({ title, text, advice }: Page): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; display: grid; place-content: center; min-height: 90vh; margin: 1rem; }
main { max-width: 34rem; }
h1 { font-size: 1.4rem; }
</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
<p>${escaped(text)}</p>
<p>${escaped(advice)}</p>
</main>
</body>
</html>
`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (found) => ENTITIES[found] ?? '');
