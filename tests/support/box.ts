/**
 * The real process with a scripted model, a home and a workspace of its own: what tests of turns start from.
 *
 *   await using box = await Box.open();
 *   box.model.script(stream(says('Hello')));
 *   const turn = await box.turn(await box.thread(), 'Hi');
 *   assert.equal((await turn.ended()).status, 'completed');
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ModelServer } from './model-server.ts';
import { type Predicate, RawClient, type WireMessage } from './raw-client.ts';

export interface BoxOptions {
  /** Keys of config.toml that stand before its tables. */
  readonly top?: string;
  /** Tables of config.toml. */
  readonly tables?: string;
  /** Further keys of the provider `local`; replaces the defaults. */
  readonly provider?: string;
  readonly model?: string;
  readonly approvalPolicy?: string;
  readonly sandboxMode?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly args?: readonly string[];
  readonly capabilities?: unknown;
  /** Words in front of the server's command line. */
  readonly inFront?: (box: Box) => readonly string[];
  /** Called when the folders exist and the server does not run yet. */
  readonly prepare?: (box: Box) => void;
  /** false: the test starts the server itself. */
  readonly start?: boolean;
}

const NO_RETRIES = 'request_max_retries = 0\nstream_max_retries = 0\n';

/** The runner says where: outside /tmp, because a workspace there could be written to under every policy that leaves /tmp open. */
const scratch = (): string => mkdtempSync(join(process.env.SHARDEX_TEST_BOXES ?? '/var/tmp', 'shardex-box-'));

export class Box implements AsyncDisposable {
  readonly folder: string;
  readonly home: string;
  readonly workspace: string;
  readonly model: ModelServer;
  readonly #options: BoxOptions;
  #client: RawClient | null = null;

  static async open(options: BoxOptions = {}): Promise<Box> {
    const box = new Box(await ModelServer.start(), options);
    try {
      options.prepare?.(box);
      if (options.start !== false) await box.start();
    } catch (error) {
      await box[Symbol.asyncDispose]();
      throw error;
    }
    return box;
  }

  private constructor(model: ModelServer, options: BoxOptions) {
    this.folder = scratch();
    this.home = join(this.folder, 'home');
    this.workspace = join(this.folder, 'work');
    this.model = model;
    this.#options = options;
    for (const name of ['home', 'work', 'tmp', 'user']) mkdirSync(join(this.folder, name));
    this.writeConfig(options);
  }

  get client(): RawClient {
    if (this.#client === null) throw new Error('the server was not started');
    return this.#client;
  }

  writeConfig({ top = '', tables = '', provider = NO_RETRIES, ...rest }: BoxOptions): void {
    const { model = 'some-model', approvalPolicy = 'never', sandboxMode = 'read-only' } = rest;
    const text = `model = "${model}"
model_provider = "local"
approval_policy = "${approvalPolicy}"
sandbox_mode = "${sandboxMode}"
suppress_unstable_features_warning = true
${top}
${tables}
[model_providers.local]
name = "Local"
base_url = "${this.model.baseUrl}"
wire_api = "responses"
${provider}
`;
    writeFileSync(join(this.home, 'config.toml'), text);
  }

  /** Starts the server, a second time too, and shakes hands. */
  async start(env: Readonly<Record<string, string | undefined>> = {}): Promise<RawClient> {
    await this.#client?.[Symbol.asyncDispose]();
    this.#client = new RawClient({
      home: this.home,
      cwd: this.workspace,
      args: this.#options.args ?? [],
      inFront: this.#options.inFront?.(this) ?? [],
      env: {
        HOME: join(this.folder, 'user'),
        TMPDIR: join(this.folder, 'tmp'),
        ...this.#options.env,
        ...env,
      },
    });
    const { capabilities } = this.#options;
    await this.client.initialize(capabilities === undefined ? {} : { capabilities });
    return this.client;
  }

  /** Writes a file, relative to the workspace. */
  write(path: string, content: string | Uint8Array): string {
    const target = resolve(this.workspace, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
    return target;
  }

  read(path: string): string {
    return readFileSync(resolve(this.workspace, path), 'utf8');
  }

  has(path: string): boolean {
    return existsSync(resolve(this.workspace, path));
  }

  // biome-ignore lint/suspicious/noExplicitAny: a raw client
  call(method: string, params: unknown = {}): Promise<any> {
    return this.client.call(method, params);
  }

  /** The error that a request is answered with. */
  async error(method: string, params: unknown): Promise<{ readonly code: number; readonly message: string }> {
    const reply = await this.client.request(method, params);
    assert.ok(reply.error, `${method} succeeded: ${JSON.stringify(reply.result)}`);
    return { code: reply.error.code, message: reply.error.message };
  }

  /** Starts a thread and gives its id. */
  async thread(params: object = {}): Promise<string> {
    return (await this.call('thread/start', params)).thread.id;
  }

  /** Starts a turn; a string is its text. */
  async turn(threadId: string, input: string | readonly object[], params: object = {}): Promise<TurnWatch> {
    const { turn } = await this.call('turn/start', { threadId, input: inputOf(input), ...params });
    return new TurnWatch(this.client, threadId, turn.id);
  }

  /** A whole turn that must complete. */
  async completed(threadId: string, input: string | readonly object[], params: object = {}): Promise<TurnWatch> {
    const turn = await this.turn(threadId, input, params);
    const { status, error } = await turn.ended();
    assert.equal(status, 'completed', JSON.stringify(error));
    return turn;
  }

  // biome-ignore lint/suspicious/noExplicitAny: a raw client
  async turnsOf(threadId: string): Promise<any[]> {
    return (await this.call('thread/read', { threadId, includeTurns: true })).thread.turns;
  }

  /** The `input` of the `count`th request upstream. */
  async sent(count = 1): Promise<readonly Item[]> {
    return (await this.model.waitForRequest(count)).body.input as readonly Item[];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#client?.[Symbol.asyncDispose]();
    } finally {
      await this.model[Symbol.asyncDispose]();
      rmSync(this.folder, { recursive: true, force: true });
    }
  }
}

/** An item of a request's `input`. */
// biome-ignore lint/suspicious/noExplicitAny: looked at as it came
export type Item = Readonly<Record<string, any>>;

export const inputOf = (input: string | readonly object[]): readonly object[] =>
  typeof input === 'string' ? [{ type: 'text', text: input }] : input;

/** The texts of an item's content, joined. */
export const textOf = (item: Item | undefined): string =>
  (item?.content ?? []).map((part: Item) => part.text ?? '').join('');

/** The output that answers a call, in an `input`. */
export function outputOf(input: readonly Item[], callId: string): string {
  const found = input.find((item) => item.call_id === callId && String(item.type).endsWith('_output'));
  assert.ok(found, `no output of ${callId} in ${JSON.stringify(input.slice(-4))}`);
  return typeof found.output === 'string' ? found.output : JSON.stringify(found.output);
}

/** One turn as the client sees it. */
export class TurnWatch {
  readonly client: RawClient;
  readonly threadId: string;
  readonly id: string;

  constructor(client: RawClient, threadId: string, id: string) {
    this.client = client;
    this.threadId = threadId;
    this.id = id;
  }

  /** Resolves with the turn when it has completed; checks that every item of it had exactly one start and one end. */
  // biome-ignore lint/suspicious/noExplicitAny: a raw client
  async ended(limitMs?: number): Promise<any> {
    const { params } = await this.wait('turn/completed', undefined, limitMs);
    this.#checkItems();
    return params.turn;
  }

  /** Notifications of this turn so far, as their params. */
  // biome-ignore lint/suspicious/noExplicitAny: a raw client
  all(method: string): any[] {
    return this.client.messages.filter((message) => this.#fits(message, method)).map(({ params }) => params);
  }

  /** All v2 methods of this turn so far, in order, without those about usage. */
  methods(): string[] {
    return this.client.messages
      .filter(
        ({ method, params }) => method !== undefined && this.#isMine(params) && !method.startsWith('codex/event/'),
      )
      .map(({ method }) => method ?? '')
      .filter((method) => method !== 'thread/tokenUsage/updated');
  }

  /** The first notification or request of this turn that fits, now or later. */
  wait(method: string, fits: Predicate = () => true, limitMs?: number): Promise<WireMessage> {
    return this.client.waitFor((message) => this.#fits(message, method) && fits(message), method, limitMs);
  }

  /** The next one that has not been taken. */
  take(method: string, limitMs?: number): Promise<WireMessage> {
    return this.client.take((message) => this.#fits(message, method), method, limitMs);
  }

  /** Completed items, in order; of one type when it is named. */
  // biome-ignore lint/suspicious/noExplicitAny: a raw client
  items(type?: string): any[] {
    return this.all('item/completed')
      .map(({ item }) => item)
      .filter((item) => type === undefined || item.type === type);
  }

  /** The start of an item of a type. */
  // biome-ignore lint/suspicious/noExplicitAny: a raw client
  async startOf(type: string): Promise<any> {
    return (await this.wait('item/started', ({ params }) => params.item.type === type)).params.item;
  }

  async interrupt(): Promise<WireMessage> {
    return this.client.request('turn/interrupt', { threadId: this.threadId, turnId: this.id });
  }

  #fits({ method, params }: WireMessage, wanted: string): boolean {
    return method === wanted && this.#isMine(params);
  }

  // biome-ignore lint/suspicious/noExplicitAny: a raw client
  #isMine(params: any): boolean {
    return (params?.turnId ?? params?.turn?.id ?? params?.id) === this.id;
  }

  #checkItems(): void {
    const counts = new Map<string, string>();
    for (const { method, params } of this.client.messages) {
      if (!this.#isMine(params)) continue;
      const id = params.item?.id;
      if (method === 'item/started') counts.set(id, `${counts.get(id) ?? ''}s`);
      if (method === 'item/completed') counts.set(id, `${counts.get(id) ?? ''}c`);
      if (method === 'turn/completed') counts.set('turn', `${counts.get('turn') ?? ''}sc`);
    }
    for (const [id, seen] of counts) assert.equal(seen, 'sc', `item ${id}: ${seen}`);
  }
}
