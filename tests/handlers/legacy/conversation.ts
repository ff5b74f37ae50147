/** What tests of the older protocol share. */
import type { Box } from '../../support/box.ts';
import type { WireMessage } from '../../support/raw-client.ts';

export const text = (value: string): object => ({ type: 'text', data: { text: value } });

export const UNKNOWN_ID = '01900000-0000-7000-8000-000000000000';

export class Conversation {
  readonly box: Box;
  readonly id: string;
  readonly path: string;

  static async begin(box: Box, params: object = {}): Promise<Conversation> {
    const { conversationId, rolloutPath } = await box.call('newConversation', params);
    return new Conversation(box, conversationId, rolloutPath);
  }

  constructor(box: Box, id: string, path: string) {
    this.box = box;
    this.id = id;
    this.path = path;
  }

  async listen(raw = false): Promise<string> {
    const params = { conversationId: this.id, experimentalRawEvents: raw };
    return (await this.box.call('addConversationListener', params)).subscriptionId;
  }

  send(...items: readonly (string | object)[]): Promise<unknown> {
    const input = items.map((item) => (typeof item === 'string' ? text(item) : item));
    return this.box.call('sendUserMessage', { conversationId: this.id, items: input });
  }

  /** Every setting of a turn, with `settings` over them. */
  sendTurn(value: string, settings: object = {}): Promise<unknown> {
    return this.box.call('sendUserTurn', {
      conversationId: this.id,
      items: [text(value)],
      cwd: this.box.workspace,
      approvalPolicy: 'never',
      sandboxPolicy: { type: 'danger-full-access' },
      model: 'some-model',
      summary: 'auto',
      ...settings,
    });
  }

  /** The next event of this conversation under its older name that has not been taken. */
  event(name: string): Promise<WireMessage> {
    return this.box.client.take((message) => this.#isMine(message, `codex/event/${name}`), name);
  }

  /** The types of the events so far, in order. */
  types(): string[] {
    return this.box.client.messages
      .filter((message) => this.#isMine(message, 'codex/event/'))
      .map(({ params }) => params.msg.type);
  }

  #isMine({ method, params }: WireMessage, prefix: string): boolean {
    return method?.startsWith(prefix) === true && params.conversationId === this.id;
  }
}
