import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FEATURE_NAMES, FEATURES, type FeatureName } from '../../src/contract/feature-names.ts';
import { BASE_INSTRUCTIONS, PERSONALITY_TEXTS } from '../../src/models/instructions.ts';
import { defaultModel, listModels, mergeModels } from '../../src/models/known.ts';
import { decodeModels } from '../../src/models/model-info.ts';
import { PageError, pageOf } from '../../src/models/page.ts';
import { type ProfileConfig, profileFor } from '../../src/models/profile-for.ts';
import { modelInfo } from './model-info.ts';

const bundled = mergeModels([]);

function config(more: Partial<Omit<ProfileConfig, 'features'>> = {}, off: readonly FeatureName[] = []): ProfileConfig {
  const features = Object.fromEntries(
    FEATURE_NAMES.map((name) => [name, FEATURES[name].enabled && !off.includes(name)]),
  );
  return {
    baseInstructions: null,
    personality: 'friendly',
    modelOverrides: {
      contextWindow: null,
      autoCompactTokenLimit: null,
      toolOutputTokenLimit: null,
      supportsReasoningSummaries: null,
    },
    ...more,
    features: features as ProfileConfig['features'],
  };
}

/** slug; shell; patch; output limit; parallel; reasoning; effort listed / by family; verbosity; reported window. */
const PROFILES: readonly (readonly [
  string,
  string,
  string | null,
  string,
  boolean,
  boolean,
  string | null,
  string | null,
  string | null,
  number | null,
])[] = [
  ['gpt-5.2-codex', 'shell_command', 'freeform', '10000 tokens', true, true, 'medium', null, null, 258_400],
  ['gpt-5.2-codex-x', 'shell_command', 'freeform', '10000 tokens', true, true, null, null, null, 258_400],
  ['gpt-5.2', 'shell_command', 'freeform', '10000 bytes', true, true, 'medium', 'medium', 'low', 258_400],
  ['gpt-5.1', 'shell_command', 'freeform', '10000 bytes', true, true, 'medium', 'medium', 'low', 258_400],
  ['gpt-5.1-codex-max', 'shell_command', 'freeform', '10000 tokens', false, true, 'medium', null, null, 258_400],
  ['gpt-5-codex-mini', 'shell_command', 'freeform', '10000 tokens', false, true, 'medium', null, null, 258_400],
  ['codex-x', 'shell_command', 'freeform', '10000 tokens', false, true, null, null, null, 258_400],
  ['gpt-5', 'default', null, '10000 bytes', false, true, 'medium', null, null, 258_400],
  ['o3', 'default', null, '10000 bytes', false, true, null, null, null, 190_000],
  ['codex-mini-latest', 'local', null, '10000 bytes', false, true, null, null, null, 190_000],
  ['gpt-4.1', 'default', null, '10000 bytes', false, false, null, null, null, 995_197],
  ['gpt-3.5', 'default', null, '10000 bytes', false, false, null, null, null, 15_565],
  ['openai/gpt-oss-20b', 'default', 'function', '10000 bytes', false, false, null, null, null, 91_200],
  ['test-gpt-5', 'shell_command', null, '10000 tokens', true, true, null, null, null, 258_400],
  ['exp-codex', 'shell_command', 'freeform', '10000 tokens', true, true, null, null, null, 258_400],
  ['exp-x', 'unified_exec', 'freeform', '10000 bytes', true, true, 'medium', 'medium', 'low', 258_400],
  ['anything-else', 'default', null, '10000 bytes', false, false, null, null, null, null],
];

for (const [
  slug,
  shell,
  patch,
  limit,
  parallel,
  reasoning,
  listedEffort,
  familyEffort,
  verbosity,
  window,
] of PROFILES) {
  for (const listed of [true, false]) {
    test(`${slug} has its known traits with the list ${listed ? 'on' : 'off'}`, () => {
      const profile = profileFor(slug, config({}, listed ? [] : ['remote_models']), bundled);
      assert.equal(profile.shellType, shell);
      assert.equal(profile.applyPatchTool, patch);
      assert.equal(`${profile.truncation.limit} ${profile.truncation.mode}`, limit);
      assert.equal(profile.supportsParallelToolCalls, parallel);
      assert.equal(profile.supportsReasoning, reasoning);
      assert.equal(profile.defaultReasoningEffort, listed ? listedEffort : familyEffort);
      assert.equal(profile.defaultVerbosity, verbosity);
      assert.equal(profile.reportedContextWindow, window);
    });
  }
}

test('the configuration overrides what the list says', () => {
  const modelOverrides = {
    contextWindow: 1000,
    autoCompactTokenLimit: null,
    toolOutputTokenLimit: 7,
    supportsReasoningSummaries: true,
  };
  const bytes = profileFor('unheard-of', config({ modelOverrides }), bundled);
  assert.deepEqual(bytes.truncation, { mode: 'bytes', limit: 28 });
  assert.equal(bytes.contextWindow, 1000);
  assert.equal(bytes.autoCompactTokenLimit, 900);
  assert.equal(bytes.supportsReasoning, true);
  const limited = { ...modelOverrides, autoCompactTokenLimit: 5 };
  const tokens = profileFor('gpt-5-codex', config({ modelOverrides: limited }), bundled);
  assert.deepEqual(tokens.truncation, { mode: 'tokens', limit: 7 });
  assert.equal(tokens.autoCompactTokenLimit, 5);
  assert.equal(profileFor('unheard-of', config(), bundled).autoCompactTokenLimit, null);
});

test('only models with a template have a tone, and it is part of their instructions', () => {
  const listed = profileFor('gpt-5.2-codex', config(), bundled);
  assert.equal(listed.baseInstructions, BASE_INSTRUCTIONS);
  assert.deepEqual(listed.personalityMessages, {});
  const family = profileFor('gpt-5.2-codex', config({ personality: 'pragmatic' }, ['remote_models']), bundled);
  assert.ok(family.baseInstructions.includes(PERSONALITY_TEXTS.pragmatic));
  assert.ok(!family.baseInstructions.includes('{{'));
  assert.deepEqual(family.personalityMessages, PERSONALITY_TEXTS);
  assert.equal(family.personalInstructions.pragmatic, family.baseInstructions);
  assert.ok(family.personalInstructions.friendly?.includes(PERSONALITY_TEXTS.friendly));
  const plain = profileFor('gpt-5.2-codex', config({}, ['remote_models', 'personality']), bundled);
  assert.equal(plain.baseInstructions, BASE_INSTRUCTIONS);
  assert.deepEqual([plain.personalInstructions, plain.personalityMessages], [{}, {}]);
});

test('instructions that a user wrote take the place of the model’s own, and leave it no personality', () => {
  const own = profileFor('gpt-5.2-codex', config({ baseInstructions: 'own' }, ['remote_models']), bundled);
  assert.deepEqual([own.baseInstructions, own.personalInstructions, own.personalityMessages], ['own', {}, {}]);
});

test('a fetched template is filled in; without all its texts the model has no personality', () => {
  const messages = (variables: object) => ({
    model_messages: { instructions_template: 'Be {{ personality }}!', instructions_variables: variables },
  });
  const all = { personality_default: 'd', personality_friendly: '$&f', personality_pragmatic: 'p' };
  const full = mergeModels(decodeModels([modelInfo('a', messages(all))]) ?? []);
  assert.equal(profileFor('a', config(), full).baseInstructions, 'Be $&f!');
  assert.equal(listModels(full, true, {}).data.find(({ id }) => id === 'a')?.supportsPersonality, true);
  const partial = mergeModels(decodeModels([modelInfo('a', messages({ ...all, personality_default: null }))]) ?? []);
  assert.equal(listModels(partial, true, {}).data.find(({ id }) => id === 'a')?.supportsPersonality, false);
  assert.deepEqual(profileFor('a', config(), partial).personalityMessages, {});
});

test('without a fetched list the four listed models are offered, the first is the default', () => {
  const { data, nextCursor } = listModels(bundled, false, {});
  assert.deepEqual(
    data.map(({ id, isDefault, defaultReasoningEffort, supportsPersonality }) => [
      id,
      isDefault,
      defaultReasoningEffort,
      supportsPersonality,
    ]),
    [
      ['gpt-5.2-codex', true, 'medium', false],
      ['gpt-5.2', false, 'medium', false],
      ['gpt-5.1-codex-max', false, 'medium', false],
      ['gpt-5.1-codex-mini', false, 'medium', false],
    ],
  );
  assert.equal(nextCursor, null);
  assert.deepEqual(
    data[3]?.supportedReasoningEfforts.map(({ reasoningEffort }) => reasoningEffort),
    ['medium', 'high'],
  );
  assert.equal(defaultModel(bundled, false), 'gpt-5.2-codex');
});

test('fetched entries replace and add, in order of priority; some are for ChatGPT logins only', () => {
  const known = mergeModels(
    decodeModels([
      modelInfo('new', { priority: 0, supported_in_api: false, default_reasoning_level: null }),
      modelInfo('gpt-5.2', { priority: 0, visibility: 'hide' }),
      modelInfo('late', { priority: 100, description: null }),
    ]) ?? [],
  );
  assert.deepEqual(
    known.entries.slice(0, 3).map(({ slug }) => slug),
    ['gpt-5.2', 'new', 'gpt-5.2-codex'],
  );
  const ids = (chatgpt: boolean) => listModels(known, chatgpt, {}).data.map(({ id }) => id);
  assert.deepEqual(ids(true), ['new', 'gpt-5.2-codex', 'gpt-5.1-codex-max', 'gpt-5.1-codex-mini', 'late']);
  assert.deepEqual(ids(false), ['gpt-5.2-codex', 'gpt-5.1-codex-max', 'gpt-5.1-codex-mini', 'late']);
  assert.equal(defaultModel(known, true), 'new');
  const first = listModels(known, true, { limit: 1 }).data[0];
  assert.deepEqual([first?.isDefault, first?.defaultReasoningEffort], [true, 'none']);
});

test('one bad entry spoils a fetched list', () => {
  assert.equal(decodeModels([modelInfo('a'), modelInfo('b', { shell_type: 'odd' })]), null);
  assert.equal(decodeModels([modelInfo('a', { priority: 'high' })]), null);
  assert.equal(decodeModels({}), null);
  const { description: _absent, ...short } = modelInfo('a');
  assert.equal(decodeModels([{ ...short, unknown: 1 }])?.[0]?.description, null);
});

test('pages go by offset', () => {
  const all = ['a', 'b', 'c'];
  assert.deepEqual(pageOf(all, { limit: 2 }, 'models'), { items: ['a', 'b'], nextCursor: '2' });
  assert.deepEqual(pageOf(all, { limit: 2, cursor: '2' }, 'models'), { items: ['c'], nextCursor: null });
  assert.deepEqual(pageOf(all, { limit: 0, cursor: '+1' }, 'models'), { items: ['b'], nextCursor: '2' });
  assert.deepEqual(pageOf(all, { cursor: '3' }, 'models'), { items: [], nextCursor: null });
  assert.deepEqual(pageOf([], { cursor: 'nonsense' }, 'models'), { items: [], nextCursor: null });
  assert.throws(() => pageOf(all, { cursor: '4' }, 'models'), new PageError('cursor 4 exceeds total models 3'));
  for (const cursor of ['', ' 1', '-1', '1.0', 'x', '18446744073709551616']) {
    assert.throws(() => pageOf(all, { cursor }, 'models'), new PageError(`invalid cursor: ${cursor}`));
  }
});
