/** Configuration of every kind: files, arguments, requests, profiles, instructions, skills, models, modes. */
import { calls, functionCall, says, streams } from '../../support/model-events.ts';
import { stream } from '../../support/model-server.ts';
import type { Conversation } from '../support/compare.ts';
import { hideTexts } from '../support/masks.ts';
import type { Loose, Session } from '../support/session.ts';

/** A turn for each of the settings, with a plain answer. */
const turns = async (s: Session, thread: string, ...settings: readonly Loose[]): Promise<void> => {
  for (const [at, params] of settings.entries()) {
    s.model.script(stream(says(`answer ${at}`, `m-${s.model.to().length}-${at}`)));
    await s.turn(thread, params.text ?? `turn ${at}`, params);
  }
};

const mode = (name: string, settings: Loose = {}): Loose => ({
  collaborationMode: { mode: name, settings: { model: 'gpt-5.2-codex', ...settings } },
});

const skill = (name: string, body: string): string =>
  `---\nname: ${name}\ndescription: MARK-${name} does it\n---\n${body}\n`;

export const settings: readonly Conversation[] = [
  {
    name: 'values of -c: numbers, tables, strings that are no TOML',
    setUp: {
      args: [
        '-c',
        'model=gpt-5.2',
        '-c',
        'model_reasoning_effort="xhigh"',
        '-c',
        'tools.web_search=true',
        '-c',
        'developer_instructions=MARK-from-arguments',
        '-c',
        'model_context_window=1000',
        '-c',
        'features.apply_patch_freeform=true',
      ],
    },
    mask: (block) => (/deprecation/i.test(block.title) ? null : block),
    talk: async (s) => turns(s, await s.thread(), {}, {}),
  },
  {
    name: 'config of thread/start, nested and dotted',
    talk: async (s) => {
      const thread = await s.thread({
        config: {
          model_reasoning_summary: 'concise',
          'model_providers.local.http_headers': { 'x-own': 'yes' },
          features: { apply_patch_freeform: true },
          web_search: 'disabled',
          model_verbosity: 'high',
        },
        model: 'gpt-5.1',
        developerInstructions: 'MARK-developer',
        baseInstructions: 'MARK-base',
        personality: 'pragmatic',
      });
      await turns(s, thread, {}, { model: 'gpt-5.2', effort: 'low', summary: 'none' });
    },
  },
  {
    name: 'a profile of config.toml, and one that a request asks for',
    setUp: {
      top: 'profile = "first"',
      tables: `[profiles.first]
model = "gpt-5.1-codex"
model_reasoning_effort = "low"
approval_policy = "on-request"
web_search = "live"
[profiles.second]
model = "gpt-5"
sandbox_mode = "workspace-write"
model_verbosity = "low"
`,
    },
    talk: async (s) => {
      await turns(s, await s.thread(), {});
      await turns(s, await s.thread({ config: { profile: 'second' } }), {});
    },
  },
  {
    name: 'headers, query parameters and keys of a provider',
    setUp: {
      provider: `request_max_retries = 0
stream_max_retries = 0
env_key = "OWN_KEY"
query_params = { "api-version" = "1 2ü" }
http_headers = { "X-Static" = "a" }
env_http_headers = { "x-env" = "OWN_HEADER", "x-blank" = "OWN_BLANK", "x-missing" = "OWN_MISSING" }`,
      env: { OWN_KEY: 'sk-own', OWN_HEADER: 'from env', OWN_BLANK: ' ' },
    },
    talk: async (s) => turns(s, await s.thread(), {}),
  },
  {
    name: 'AGENTS.md in several folders, overrides, fallbacks and a small limit',
    setUp: { top: 'project_doc_max_bytes = 120\nproject_doc_fallback_filenames = ["GUIDE.md"]' },
    prepare: (s) => {
      s.write('.git/HEAD', 'ref: refs/heads/main\n');
      s.write(`${s.home}/AGENTS.md`, '  MARK-global of the user  \n');
      s.write('AGENTS.md', 'MARK-root text\n');
      s.write('pkg/GUIDE.md', 'MARK-guide text\n');
      s.write('pkg/sub/AGENTS.md', 'MARK-hidden\n');
      s.write('pkg/sub/AGENTS.override.md', `MARK-override ${'x'.repeat(200)}\n`);
    },
    talk: async (s) => {
      const thread = await s.thread({ cwd: `${s.workspace}/pkg/sub`, experimentalRawEvents: true });
      await turns(s, thread, {}, { cwd: s.workspace });
      await turns(s, await s.thread({ cwd: `${s.workspace}/pkg` }), {});
    },
  },
  {
    name: 'skills of the user and the repository, mentioned in several ways',
    prepare: (s) => {
      s.write('.git/HEAD', 'ref: refs/heads/main\n');
      s.write(`${s.home}/skills/alpha/SKILL.md`, skill('alpha', 'MARK-alpha-body'));
      s.write('.codex/skills/beta/SKILL.md', skill('beta', 'MARK-beta-body'));
      s.write('.codex/skills/bad/SKILL.md', 'no head');
    },
    talk: async (s) => {
      const thread = await s.thread({ experimentalRawEvents: true });
      const path = `${s.home}/skills/alpha/SKILL.md`;
      await turns(
        s,
        thread,
        { text: 'use $alpha and $beta, $gamma' },
        { text: '$alphabet $$alpha' },
        { text: `[$alpha](${path})` },
      );
      s.model.script(stream(says('x', 'mx')));
      await s.turn(thread, [{ type: 'skill', name: 'beta', path: `${s.workspace}/.codex/skills/beta/SKILL.md` }]);
    },
  },
  {
    name: 'overrides that stay, one at a time',
    setUp: { model: 'gpt-5.2-codex' },
    talk: async (s) => {
      const thread = await s.thread({ experimentalRawEvents: true });
      await turns(
        s,
        thread,
        { effort: 'high' },
        {},
        { summary: 'detailed' },
        { personality: 'pragmatic' },
        { personality: 'pragmatic' },
        { personality: 'friendly' },
        { model: 'unheard-of' },
        { cwd: '/no/such/folder' },
        { cwd: 'relative' },
        { approvalPolicy: 'on-request' },
        { approvalPolicy: 'on-request' },
        { effort: null, model: null },
      );
    },
  },
  {
    name: 'modes: plan, code, custom, with instructions and without',
    setUp: { model: 'gpt-5.2-codex' },
    talk: async (s) => {
      const thread = await s.thread({ experimentalRawEvents: true });
      await turns(
        s,
        thread,
        mode('plan', { developer_instructions: 'MARK-plan-mode', reasoning_effort: 'high' }),
        {},
        { effort: 'low' },
        mode('plan', { developer_instructions: 'MARK-other', reasoning_effort: null }),
        mode('code', { developer_instructions: 'MARK-code', model: 'gpt-5.1' }),
        mode('custom'),
        mode('pair_programming', { developer_instructions: '' }),
        { ...mode('execute', { developer_instructions: 'MARK-x' }), model: 'gpt-5', effort: 'xhigh' },
      );
    },
  },
  {
    name: 'plans written in plan mode, whole and in pieces',
    mask: hideTexts(/^update_plan is a/),
    setUp: { model: 'gpt-5.2-codex' },
    talk: async (s) => {
      const plan = mode('plan', { developer_instructions: 'MARK-plan-mode' });
      s.model.script(
        stream(streams(['Before.\n<propo', 'sed_plan>\n# Plan\n- a', '\n- b\n</proposed', '_plan>\nAfter.'], 'm1')),
        stream(says('<proposed_plan>\nonly\n</proposed_plan>', 'm2')),
        stream(says('no plan <b>here</b>', 'm3')),
        stream(streams(['<proposed_plan>\nnever closed'], 'm4')),
        stream(calls(functionCall('c1', 'update_plan', { plan: [{ step: 's', status: 'pending' }] }))),
        stream(says('ok', 'm5')),
      );
      const thread = await s.thread();
      for (const text of ['a', 'b', 'c', 'd', 'e']) await s.turn(thread, text, plan);
    },
  },
  {
    name: 'questions to the user in plan mode, answered and not',
    setUp: { model: 'gpt-5.2-codex' },
    talk: async (s) => {
      const options = [{ label: 'Yes', description: 'd' }];
      const question = { id: 'q1', header: 'H', question: 'Really?', options };
      const asks: Loose[] = [
        { questions: [question] },
        { questions: [{ ...question, isSecret: true, isOther: false }] },
        { questions: [] },
        { questions: [{ ...question, options: [] }] },
        { questions: [{ id: 'q', header: 'h' }] },
      ];
      const answers: Loose[] = [{ answers: { q1: { answers: ['Yes'] } } }, { answers: {} }, { wrong: 1 }];
      s.answer('item/tool/requestUserInput', () => answers.shift() ?? { answers: {} });
      const thread = await s.thread();
      for (const [at, args] of asks.entries()) {
        s.model.script(stream(calls(functionCall(`c${at}`, 'request_user_input', args))), stream(says('ok', `m${at}`)));
        await s.turn(thread, `turn ${at}`, mode('plan'));
      }
    },
  },
  {
    name: 'requests that are wrong',
    talk: async (s) => {
      const threadId = await s.thread();
      const input = [{ type: 'text', text: 'x' }];
      const wrong: Loose[] = [
        ['turn/start', {}],
        ['turn/start', { threadId }],
        ['turn/start', { threadId: 'no uuid', input }],
        ['turn/start', { threadId: '00000000-0000-7000-8000-000000000000', input }],
        ['turn/start', { threadId, input: [{ type: 'film' }] }],
        ['turn/start', { threadId, input: [{ type: 'text' }] }],
        ['turn/start', { threadId, input, approvalPolicy: 'sometimes' }],
        ['turn/start', { threadId, input, personality: 'grumpy' }],
        ['turn/start', { threadId, input, effort: 7 }],
        ['turn/start', { threadId, input, sandboxPolicy: { type: 'workspaceWrite', writableRoots: ['rel'] } }],
        ['turn/start', { threadId, input: 'x' }],
        ['thread/read', { threadId: 'x' }],
        ['thread/resume', { threadId: '00000000-0000-7000-8000-000000000000' }],
        ['thread/start', { sandbox: 'none' }],
        ['thread/start', { config: { model_reasoning_effort: 'huge' } }],
        ['thread/start', { modelProvider: 'nobody' }],
        ['no/such/method', {}],
        ['thread/list', { limit: -1 }],
        ['thread/list', { cursor: 'rubbish' }],
        ['model/list', { limit: 'x' }],
      ];
      for (const [method, params] of wrong) await s.request(method, params);
    },
  },
];
