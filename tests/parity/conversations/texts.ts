/** What users type and models say. */
import {
  calls,
  completed,
  created,
  itemAdded,
  itemDone,
  message,
  messageItem,
  reasoning,
  reasoningDelta,
  reasoningItem,
  says,
  streams,
  summaryDelta,
  summaryPartAdded,
  webSearchCall,
} from '../../support/model-events.ts';
import { rawStream, stream } from '../../support/model-server.ts';
import type { Conversation } from '../support/compare.ts';
import { hideTexts } from '../support/masks.ts';
import { pngOf } from '../support/pictures.ts';

const SCHEMA = { type: 'object', properties: { answer: { type: 'string' } }, required: ['answer'] };

export const texts: readonly Conversation[] = [
  {
    name: 'text of many scripts, with zero bytes',
    talk: async (s) => {
      s.model.script(
        stream(streams(['日本', '語 👩‍👩‍👧 ', 'e\u0301\u0000'], 'm1', { input: 7, output: 3 })),
        stream(says('naïve\u2028line', 'm2')),
      );
      const thread = await s.thread();
      await s.turn(thread, 'Grüße 👋🏽 \u0000 \u202e عربى');
      await s.turn(thread, '\t\n  blank around  \r\n');
    },
  },
  {
    name: 'an empty text, several texts, no input at all',
    talk: async (s) => {
      s.model.script(stream(says('one', 'm1')), stream(says('two', 'm2')), stream(says('', 'm3')));
      const thread = await s.thread();
      await s.turn(thread, '');
      await s.turn(thread, [
        { type: 'text', text: 'a' },
        { type: 'text', text: '' },
        { type: 'text', text: 'b', text_elements: [{ byteRange: { start: 0, end: 1 } }] },
      ]);
      await s.turn(thread, []);
      await s.turn(thread, 'last');
    },
  },
  {
    name: 'elements of several texts, out of range and with placeholders',
    talk: async (s) => {
      s.model.script(stream(says('ok', 'm1')));
      const thread = await s.thread({ experimentalRawEvents: true });
      await s.turn(thread, [
        { type: 'text', text: 'see @ä.ts', text_elements: [{ byteRange: { start: 4, end: 10 }, placeholder: null }] },
        { type: 'text', text: ' and more', text_elements: [{ byteRange: { start: 1, end: 99 }, placeholder: '@x' }] },
      ]);
    },
  },
  {
    name: 'images by url and by path, readable or not',
    prepare: (s) => {
      s.write('pic.png', pngOf(4, 3));
      s.write('broken.png', 'not a picture');
      s.write('note.txt', 'text');
      s.write('anim.gif', Buffer.from('GIF89a\x01\0\x01\0\0\0\0;', 'latin1'));
    },
    talk: async (s) => {
      s.model.script(stream(says('seen', 'm1')));
      const thread = await s.thread({ experimentalRawEvents: true });
      await s.turn(thread, [
        { type: 'localImage', path: `${s.workspace}/pic.png` },
        { type: 'text', text: 'look' },
        { type: 'image', url: 'data:image/png;base64,AAAA' },
        { type: 'localImage', path: `${s.workspace}/missing.png` },
        { type: 'localImage', path: `${s.workspace}/broken.png` },
        { type: 'localImage', path: `${s.workspace}/note.txt` },
        { type: 'localImage', path: `${s.workspace}/anim.gif` },
        { type: 'localImage', path: s.workspace },
        { type: 'mention', name: 'm', path: 'app://x' },
      ]);
    },
    mask: hideTexts(/^(?!data:).*(Codex c(ould|annot)|could not|cannot|image at)/),
  },
  {
    name: 'reasoning in parts, raw reasoning, commentary and empty messages',
    setUp: { model: 'gpt-5.2-codex' },
    talk: async (s) => {
      const parts = [
        created(),
        itemAdded(reasoningItem('r1', [])),
        summaryPartAdded(0),
        summaryDelta('**Think', 0),
        summaryDelta('ing**', 0),
        summaryPartAdded(1),
        summaryDelta('second', 1),
        reasoningDelta('raw', 0),
        reasoning('r1', ['**Thinking**', 'second'], ['raw']),
        message('m1', 'part one'),
        itemAdded(messageItem('m2', null)),
        message('m2', ''),
        reasoning('r2', []),
        message('m3', 'end'),
        completed('resp', { input: 100, cached: 50, output: 20, reasoning: 10 }),
      ];
      s.model.script(stream(parts), stream(says('again', 'm4', { input: 200, output: 1, total: 999 })));
      const thread = await s.thread();
      await s.turn(thread, 'think');
      await s.turn(thread, 'again');
    },
  },
  {
    name: 'raw reasoning is shown when configured',
    setUp: {
      top: 'show_raw_agent_reasoning = true\nmodel_reasoning_effort = "high"\nmodel_reasoning_summary = "detailed"',
    },
    talk: async (s) => {
      s.model.script(
        stream(created(), reasoning('r1', ['sum'], ['raw one', 'raw two']), message('m1', 'x'), completed()),
      );
      const thread = await s.thread();
      await s.turn(thread, 'think');
      await s.call('thread/read', { threadId: thread, includeTurns: true });
    },
  },
  {
    name: 'unknown events and items, text after the end',
    talk: async (s) => {
      s.model.script(
        stream(
          created(),
          { type: 'response.unheard_of', x: 1 },
          itemDone({ type: 'from_the_future', id: 'f1', data: {} }),
          itemDone({ type: 'message', role: 'system', id: 's1', content: [{ type: 'input_text', text: 'sys' }] }),
          message('m2', 'shown'),
          { type: 'response.incomplete', response: {} },
          completed(),
          message('m3', 'too late'),
        ),
        stream(says('next', 'm4')),
      );
      const thread = await s.thread({ experimentalRawEvents: true });
      await s.turn(thread, 'go');
      await s.turn(thread, 'go on');
    },
  },
  {
    name: 'messages without ids, with several parts, with end_turn and phase, and user messages from upstream',
    talk: async (s) => {
      const twoParts = [
        { type: 'output_text', text: 'a', annotations: [] },
        { type: 'output_text', text: 'b' },
      ];
      s.model.script(
        stream(
          created(),
          itemDone({ type: 'message', role: 'assistant', content: twoParts, end_turn: false, phase: 'commentary' }),
          itemDone({
            type: 'message',
            role: 'user',
            id: 'u1',
            content: [{ type: 'input_text', text: 'from upstream' }],
          }),
          message('m1', 'final'),
          completed(),
        ),
        stream(says('next', 'm2')),
      );
      const thread = await s.thread();
      await s.turn(thread, 'go');
      await s.turn(thread, 'on');
    },
  },
  {
    name: 'web searches of every action, begun and done',
    setUp: { model: 'gpt-5.2', top: 'web_search = "live"' },
    talk: async (s) => {
      s.model.script(
        stream(
          created(),
          itemAdded({ type: 'web_search_call', id: 'w1', status: 'in_progress' }),
          webSearchCall('w1', 'weather', 'completed'),
          itemDone({
            type: 'web_search_call',
            id: 'w2',
            status: 'completed',
            action: { type: 'search', queries: ['a', 'b'] },
          }),
          itemDone({ type: 'web_search_call', id: 'w3', action: { type: 'open_page', url: 'https://a.test/' } }),
          itemDone({
            type: 'web_search_call',
            id: 'w4',
            action: { type: 'find_in_page', url: 'https://a.test/', pattern: 'x' },
          }),
          itemDone({ type: 'web_search_call', id: 'w5', action: { type: 'other_thing' } }),
          message('m1', 'found'),
          completed(),
        ),
        stream(says('ok', 'm2')),
      );
      const thread = await s.thread();
      await s.turn(thread, 'search');
      await s.turn(thread, 'more');
    },
  },
  {
    name: 'events over several data lines, with comments, CRLF and rubbish between',
    talk: async (s) => {
      const done = JSON.stringify(message('m1', 'Höhe'));
      const half = Math.floor(done.indexOf(',"item"') + 1);
      const bytes = Buffer.from(`event: x\r\ndata: ${done.slice(0, half)}\r\ndata: ${done.slice(half)}\r\n\r\n`);
      s.model.script(
        rawStream(
          ': ping\n\ndata: not json\n\n',
          'data: {"no":"type"}\n\ndata: 5\n\n',
          ...[...bytes].map((byte) => Uint8Array.of(byte)),
          `data: ${JSON.stringify(completed('r', { input: 1, output: 1 }))}\n\n`,
        ),
      );
      await s.turn(await s.thread(), 'go');
    },
  },
  {
    name: 'an output schema holds for one turn',
    setUp: { model: 'gpt-5.2' },
    talk: async (s) => {
      s.model.script(...['m1', 'm2', 'm3'].map((id) => stream(says('{"answer":"x"}', id))));
      const thread = await s.thread();
      await s.turn(thread, 'one', { outputSchema: SCHEMA });
      await s.turn(thread, 'two');
      await s.turn(thread, 'three', { outputSchema: true });
    },
  },
  {
    name: 'very long input and output',
    talk: async (s) => {
      const long = 'wörter '.repeat(20_000);
      s.model.script(stream(streams([long, long], 'm1')), stream(says('ok', 'm2')));
      const thread = await s.thread();
      await s.turn(thread, long);
      await s.turn(thread, 'on');
    },
  },
  {
    name: 'several threads at once',
    talk: async (s) => {
      s.model.script(...[1, 2, 3, 4, 5, 6].map((n) => stream(says('ok', `m${n}`))));
      const threads = [await s.thread(), await s.thread({ model: 'gpt-5.1' }), await s.thread({ ephemeral: true })];
      for (const [at, thread] of threads.entries()) await s.turn(thread, `number ${'x'.repeat(at)}`);
      for (const [at, thread] of threads.entries()) await s.turn(thread, `again ${'yy'.repeat(at)}`);
    },
  },
  {
    name: 'text, empty messages',
    talk: async (s) => {
      s.model.script(stream(calls(message('m1', 'working'))), stream(says('', 'm2')));
      s.model.script(stream(created(), message('m3', 'said'), message('m4', ''), completed()));
      const thread = await s.thread();
      await s.turn(thread, 'a');
      await s.turn(thread, 'b');
      await s.turn(thread, 'c');
    },
  },
];
