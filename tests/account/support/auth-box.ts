/**
 * A box whose model server is the issuer and the ChatGPT backend too.
 *
 *   await using box = await openAuthBox({ auth: stored() });
 *   box.model.route('POST', '/oauth/token', json({ access_token: 'access-2' }));
 */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Box, type BoxOptions, type TurnWatch } from '../../support/box.ts';
import type { ReceivedRequest } from '../../support/model-server.ts';
import { distFolder } from '../../support/server.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface AuthBoxOptions {
  /** What `auth.json` holds at the start; a string as it is. */
  readonly auth?: object | string;
  readonly top?: string;
  /** Keys of the provider beside those that switch off retries. */
  readonly provider?: string;
  readonly env?: Env | ((box: Box) => Env);
  readonly capabilities?: unknown;
  readonly inFront?: BoxOptions['inFront'];
  /** Called before the server starts, when `auth.json` is there. */
  readonly prepare?: (box: Box) => void;
}

const NO_RETRIES = 'request_max_retries = 0\nstream_max_retries = 0\n';

export async function openAuthBox(options: AuthBoxOptions = {}): Promise<Box> {
  const { auth, top = '', provider = 'requires_openai_auth = true', env = {}, capabilities, inFront } = options;
  const config: BoxOptions = { provider: `${NO_RETRIES}${provider}\n` };
  const box = await Box.open({
    ...config,
    start: false,
    ...(capabilities === undefined ? {} : { capabilities }),
    ...(inFront === undefined ? {} : { inFront }),
  });
  box.writeConfig({ ...config, top: `chatgpt_base_url = "${box.model.origin}"\n${top}` });
  if (auth !== undefined) writeAuth(box, auth);
  options.prepare?.(box);
  const own = typeof env === 'function' ? env(box) : env;
  await box.start({ SHARDEX_ISSUER: box.model.origin, SHARDEX_LOGIN_PORT: '0', ...own });
  return box;
}

const authPath = (box: Box): string => join(box.home, 'auth.json');

export function writeAuth(box: Box, auth: object | string): void {
  writeFileSync(authPath(box), typeof auth === 'string' ? auth : JSON.stringify(auth));
}

export const hasAuth = (box: Box): boolean => existsSync(authPath(box));

// biome-ignore lint/suspicious/noExplicitAny: looked at as it came
export const authFile = (box: Box): any => JSON.parse(readFileSync(authPath(box), 'utf8'));
export const authText = (box: Box): string => readFileSync(authPath(box), 'utf8');
export const authFileMode = (box: Box): string => (statSync(authPath(box)).mode & 0o777).toString(8);

/** The tokens that requests for the model carried, in order. */
export const bearers = (box: Box, path = '/v1/responses'): (string | undefined)[] => box.model.to(path).map(bearerOf);
export const bearerOf = ({ headers }: ReceivedRequest): string | undefined => {
  const { authorization } = headers;
  return typeof authorization === 'string' ? authorization.replace(/^Bearer /, '') : undefined;
};

/** Runs a turn that must fail, and gives its error. */
// biome-ignore lint/suspicious/noExplicitAny: looked at as it came
export async function failedTurn(box: Box, threadId: string, text = 'hello'): Promise<any> {
  const turn: TurnWatch = await box.turn(threadId, text);
  const { status, error } = await turn.ended();
  if (status !== 'failed') throw new Error(`the turn ended as ${status}`);
  return error;
}

export const REFRESH = 'account/chatgptAuthTokens/refresh';

/** The last modes that were announced. */
export const announced = (box: Box, method = 'account/updated'): unknown[] =>
  box.client.ofMethod(method).map(({ params }) => params);

/** Where it is noted down what the box's workers were started with. */
export const spiedFile = (box: Box): string => join(box.folder, 'spied');

/** The environment in which that is done. */
export const spyOnWorkers = (box: Box): Env => ({
  NODE_OPTIONS: `--import ${pathToFileURL(join(distFolder(), 'tests/account/support/spy-worker.main.js')).href}`,
  SPY_FILE: spiedFile(box),
});
