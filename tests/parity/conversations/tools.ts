/** Calls of tools: commands, plans, pictures, questions, and calls that make no sense. */
import {
  calls,
  customToolCall,
  functionCall,
  localShellCall,
  type ModelEvent,
  says,
  shell,
  shellCommand,
  updatePlan,
} from '../../support/model-events.ts';
import { stream } from '../../support/model-server.ts';
import type { Conversation } from '../support/compare.ts';
import { hideTexts } from '../support/masks.ts';
import { pngOf } from '../support/pictures.ts';
import type { Session, SetUp } from '../support/session.ts';

/** One turn per list of calls, each ended by a text. */
const turnsOf = async (s: Session, ...turns: readonly (readonly ModelEvent[])[]): Promise<string> => {
  const thread = await s.thread();
  for (const [at, items] of turns.entries()) {
    s.model.script(stream(calls(...items)), stream(says('done', `done-${at}`)));
    await s.turn(thread, `turn ${at}`);
  }
  return thread;
};

const talk =
  (...turns: readonly (readonly ModelEvent[])[]) =>
  async (s: Session): Promise<void> => {
    await turnsOf(s, ...turns);
  };

const ODD_ARGUMENTS = ['', '{', '[]', '"x"', 'null', '{"command":5}', '{"command":[]}', '{"command":"ls"}', '{}'];

const COMMANDS = [
  ['true'],
  ['false'],
  ['bash', '-lc', 'echo err >&2; exit 3'],
  ['no-such-program-here'],
  ['bash', '-c', "printf 'caf\\xe9 \\xff\\n'"],
  ['bash', '-c', "printf '日本語\\tx\\r\\n\\033[31mred\\033[0m'"],
  ['sh', '-c', 'kill -9 $$'],
  ['echo', "it's", 'a b', '', '$HOME', 'ü'],
];

const IMAGE_REMARK =
  /^(?!data:).*(cannot attach|unable to (locate|attach)|is not a file|cannot be attached|could not|not a file)/;

/** Sleeps, so that the printed duration has as many digits for both: they count where the text is cut. */
const HUGE = 'sleep 1.1; for i in $(seq 1 3000); do echo line-$i-äöü; done';

const everyModel = (model: string, setUp: SetUp = {}): Conversation => ({
  name: `commands and tools as offered by ${model}`,
  setUp: { ...setUp, model },
  talk: talk(
    [shell('c1', ['bash', '-lc', 'echo one'])],
    [shellCommand('c2', 'echo two')],
    [customToolCall('c3', 'apply_patch', '*** Begin Patch\n*** Add File: a.txt\n+hello\n*** End Patch\n')],
    [shellCommand('c4', HUGE)],
    [shell('c5', ['bash', '-c', HUGE])],
  ),
});

export const tools: readonly Conversation[] = [
  everyModel('some-model'),
  everyModel('gpt-5.2-codex'),
  everyModel('gpt-5.1'),
  everyModel('gpt-5.1-codex-max'),
  everyModel('codex-mini-latest'),
  everyModel('gpt-oss:20b'),
  everyModel('o3'),
  everyModel('gpt-5.2-codex', { features: { remote_models: true } }),
  {
    name: 'commands that fail in every way',
    talk: talk(...COMMANDS.map((command, at) => [shell(`c${at}`, command)])),
  },
  {
    name: 'scripts of the user shell, with and without login, in other folders',
    prepare: (s) => s.write('sub dir/x', 'x'),
    talk: talk(
      [shellCommand('c1', 'pwd', { workdir: 'sub dir' })],
      [shellCommand('c2', 'pwd', { workdir: '/', login: false })],
      [shellCommand('c3', 'pwd', { workdir: 'no/such/dir' })],
      [shellCommand('c4', 'exit 7')],
      [shellCommand('c5', "cat <<'E'\na\nE")],
      [shellCommand('c6', 'cd "sub dir" && cat x | wc -c')],
      [shellCommand('c7', 'sleep 5', { timeout_ms: 300 })],
      [shellCommand('c8', 'echo before; sleep 5', { timeout: 300 })],
    ),
  },
  {
    name: 'commands that are read as actions',
    prepare: (s) => s.write('src/a.ts', 'const x = 1;\n'),
    talk: talk(
      [shellCommand('c1', 'cat src/a.ts')],
      [shellCommand('c2', 'ls -la src && grep -n x src/a.ts | head -n 3')],
      [shellCommand('c3', "sed -n '1,2p' src/a.ts; find . -name '*.ts'")],
      [shellCommand('c4', 'cd src; head -5 a.ts || true')],
      [shell('c5', ['grep', '-e', 'x', 'src'])],
      [shell('c6', ['bash', '-lc', 'echo hi && git status'])],
      [shellCommand('c7', 'nl -ba src/a.ts | sed -n 1,1p')],
    ),
  },
  {
    name: 'several calls in one response, some of them broken',
    talk: talk([
      functionCall('c1', 'shell', { command: [1] }),
      functionCall('c2', 'no_such_tool', { a: 1 }),
      customToolCall('c3', 'no_such_custom', 'text'),
      updatePlan('c4', [
        { step: 'look', status: 'in_progress' },
        { step: 'do', status: 'pending' },
      ]),
      functionCall('c5', 'shell', 'not json'),
      functionCall('c6', 'shell', { command: 'no list' }),
    ]),
  },
  {
    name: 'odd arguments of shell',
    talk: talk(...ODD_ARGUMENTS.map((args, at) => [functionCall(`c${at}`, 'shell', args)])),
  },
  {
    name: 'odd arguments of shell_command, update_plan and view_image',
    setUp: { model: 'gpt-5.2-codex' },
    talk: talk(
      ...['shell_command', 'update_plan', 'view_image'].flatMap((tool) =>
        ['', '{', '[]', 'null', '{}', '{"plan":[],"x":1}', '{"path":5}', '{"command":["ls"]}'].map((args, at) => [
          functionCall(`${tool}-${at}`, tool, args),
        ]),
      ),
    ),
  },
  {
    name: 'plans: explained, empty, with an unknown status, with an extra member',
    talk: talk(
      [functionCall('c1', 'update_plan', { explanation: 'why', plan: [{ step: 's', status: 'completed' }] })],
      [functionCall('c2', 'update_plan', { plan: [] })],
      [functionCall('c3', 'update_plan', { plan: [{ step: 's', status: 'blocked' }] })],
      [functionCall('c4', 'update_plan', { plan: [{ step: 's', status: 'pending', x: 1 }] })],
      [functionCall('c5', 'update_plan', { explanation: null, plan: [{ step: '', status: 'pending' }] })],
    ),
  },
  {
    name: 'pictures shown by the model: small, wide, missing, a folder, text',
    prepare: (s) => {
      s.write('small.png', pngOf(3, 2));
      s.write('text.png', 'no picture');
      s.write('note.txt', 'text');
    },
    talk: talk(
      [functionCall('c1', 'view_image', { path: 'small.png' })],
      [functionCall('c2', 'view_image', { path: 'missing.png' })],
      [functionCall('c3', 'view_image', { path: '.' })],
      [functionCall('c4', 'view_image', { path: 'text.png' })],
      [functionCall('c5', 'view_image', { path: 'note.txt' })],
    ),
    mask: hideTexts(IMAGE_REMARK),
  },
  {
    name: 'local shell calls',
    setUp: { model: 'codex-mini-latest' },
    talk: talk(
      [localShellCall('c1', ['bash', '-lc', 'echo hi'])],
      [localShellCall('c2', ['false'], 'in_progress')],
      [localShellCall('c3', [])],
      [localShellCall('c4', ['bash', '-lc', HUGE])],
    ),
  },
  {
    name: 'resources of no server',
    talk: talk(
      [functionCall('c1', 'list_mcp_resources', '')],
      [functionCall('c2', 'list_mcp_resources', { server: 'none' })],
      [functionCall('c3', 'list_mcp_resource_templates', { cursor: 'x' })],
      [functionCall('c4', 'read_mcp_resource', { server: 'none', uri: 'x://y' })],
      [functionCall('c5', 'read_mcp_resource', { server: ' ', uri: '' })],
      [functionCall('c6', 'read_mcp_resource', '')],
    ),
  },
  {
    name: 'huge outputs with a small limit of tokens',
    setUp: { model: 'gpt-5.2-codex', top: 'tool_output_token_limit = 40' },
    talk: talk(
      [shellCommand('c1', HUGE)],
      [shell('c2', ['bash', '-c', HUGE])],
      [shellCommand('c3', 'sleep 1.1; seq 1 60')],
    ),
  },
  {
    name: 'huge outputs on both streams, one line of two megabytes',
    talk: talk(
      [shell('c1', ['bash', '-c', 'head -c 2000000 /dev/zero | tr "\\0" x'])],
      [shellCommand('c2', '(seq 1 2000; seq 1 2000 >&2) 2>&1')],
    ),
  },
  {
    name: 'environments of commands',
    setUp: {
      tables:
        '[shell_environment_policy]\ninherit = "core"\nexclude = ["H*"]\nset = { ADDED = "1", HX = "2" }\ninclude_only = []\n',
      env: { SECRET_TOKEN: 'x' },
    },
    talk: talk([shell('c1', ['bash', '-c', 'env | grep -vE "^(PATH|PWD|SHLVL|_|TMPDIR)=" | sort'])]),
  },
  {
    name: 'a question to the user outside of plan mode',
    talk: talk([
      functionCall('c1', 'request_user_input', {
        questions: [{ id: 'q', header: 'H', question: 'Q?', options: [{ label: 'a', description: 'b' }] }],
      }),
    ]),
  },
  {
    name: 'background children that hold no pipe',
    talk: talk([shell('c1', ['bash', '-c', '(sleep 0.1 >/dev/null 2>&1 &) ; echo started'])]),
  },
];
