import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CommandDecision,
  type CommandQuestion,
  decideCommand,
  escalationRefusal,
  retryAmendment,
} from '../../src/engine/command-decision.ts';
import { ExecPolicy } from '../../src/execpolicy/policy.ts';
import { parseRules } from '../../src/execpolicy/prefix-rule.ts';
import type { AskForApproval, SandboxPolicy } from '../../src/protocol/policies.ts';

const READ_ONLY: SandboxPolicy = { type: 'readOnly' };
const WORKSPACE: SandboxPolicy = {
  type: 'workspaceWrite',
  writableRoots: [],
  networkAccess: false,
  excludeTmpdirEnvVar: false,
  excludeSlashTmp: false,
};
const FULL: SandboxPolicy = { type: 'dangerFullAccess' };
const EXTERNAL: SandboxPolicy = { type: 'externalSandbox', networkAccess: 'restricted' };
const CONFINED = [READ_ONLY, WORKSPACE];
const DIRECT = [FULL, EXTERNAL];
const ALL = [...CONFINED, ...DIRECT];

const question = (more: Partial<CommandQuestion>, rules = ''): CommandQuestion => ({
  argv: ['make'],
  shell: '/opt/me/zsh',
  canConfine: true,
  places: { isSystem: () => true, isOutOfReach: () => true, isHomeOutOfReach: true },
  policy: new ExecPolicy(parseRules(rules)),
  approvalPolicy: 'on-request',
  sandboxPolicy: WORKSPACE,
  escalated: false,
  justification: null,
  offeredPrefix: null,
  amendable: true,
  ...more,
});

const script = (text: string): string[] => ['bash', '-lc', text];

/** `sandbox`, `direct`, `readOnly`, `ask, then …` or the message of a refusal. */
function told(decision: CommandDecision): string {
  if (decision.kind === 'refuse') return decision.message;
  return decision.kind === 'run' ? decision.where : `ask, then ${decision.where}`;
}

const decide = (more: Partial<CommandQuestion>, rules = ''): string => told(decideCommand(question(more, rules)));

const COMMANDS = { safe: ['ls'], unknown: ['make'], dangerous: ['rm', '-rf', 'x'] } as const;
type Kind = keyof typeof COMMANDS;

interface Row {
  readonly policies: readonly AskForApproval[];
  readonly sandboxes: readonly SandboxPolicy[];
  readonly escalated?: true;
  readonly expected: Readonly<Record<Kind, string>>;
}

const BLOCKED = '`rm -rf x` rejected: blocked by policy';

const TABLE: readonly Row[] = [
  {
    policies: ['untrusted'],
    sandboxes: CONFINED,
    expected: { safe: 'sandbox', unknown: 'ask, then sandbox', dangerous: 'ask, then sandbox' },
  },
  {
    policies: ['untrusted'],
    sandboxes: DIRECT,
    expected: { safe: 'direct', unknown: 'ask, then direct', dangerous: 'ask, then direct' },
  },
  {
    policies: ['on-failure', 'on-request'],
    sandboxes: CONFINED,
    expected: { safe: 'sandbox', unknown: 'sandbox', dangerous: 'ask, then sandbox' },
  },
  {
    policies: ['on-failure', 'on-request'],
    sandboxes: DIRECT,
    expected: { safe: 'direct', unknown: 'direct', dangerous: 'ask, then direct' },
  },
  {
    policies: ['on-request'],
    sandboxes: CONFINED,
    escalated: true,
    expected: { safe: 'ask, then direct', unknown: 'ask, then direct', dangerous: 'ask, then direct' },
  },
  {
    policies: ['on-request'],
    sandboxes: DIRECT,
    escalated: true,
    expected: { safe: 'direct', unknown: 'direct', dangerous: 'ask, then direct' },
  },
  {
    policies: ['never'],
    sandboxes: CONFINED,
    expected: { safe: 'sandbox', unknown: 'sandbox', dangerous: BLOCKED },
  },
  { policies: ['never'], sandboxes: DIRECT, expected: { safe: 'direct', unknown: 'direct', dangerous: BLOCKED } },
];

const KINDS: readonly Kind[] = ['safe', 'unknown', 'dangerous'];

for (const { policies, sandboxes, escalated = false, expected } of TABLE) {
  for (const approvalPolicy of policies) {
    for (const sandboxPolicy of sandboxes) {
      test(`without a rule: ${approvalPolicy}, ${sandboxPolicy.type}${escalated ? ', escalated' : ''}`, () => {
        for (const kind of KINDS) {
          const argv = COMMANDS[kind];
          assert.equal(decide({ argv, approvalPolicy, sandboxPolicy, escalated }), expected[kind], kind);
          if (kind === 'dangerous' && approvalPolicy === 'never') continue;
          const inShell = decide({ argv: script(argv.join(' ')), approvalPolicy, sandboxPolicy, escalated });
          assert.equal(inShell, expected[kind], `${kind} in a shell`);
        }
      });
    }
  }
}

test('asking to leave the sandbox is the model’s error under every policy but on-request', () => {
  assert.equal(escalationRefusal('on-request', 'should not'), null);
  for (const [policy, name] of [
    ['untrusted', 'UnlessTrusted'],
    ['on-failure', 'OnFailure'],
    ['never', 'Never'],
  ] as const) {
    const message = escalationRefusal(policy, 'can not') ?? '';
    assert.ok(message.startsWith(`approval policy is ${name};`), message);
    assert.ok(message.includes('can not') && message.endsWith(name), message);
  }
});

test('of a script’s commands the strictest counts', () => {
  const untrusted = { approvalPolicy: 'untrusted' } as const;
  assert.equal(decide({ ...untrusted, argv: script('ls && pwd | wc -l') }), 'sandbox');
  assert.equal(decide({ ...untrusted, argv: script('ls && make') }), 'ask, then sandbox');
  assert.equal(decide({ argv: script('make && rm -f x; ls') }), 'ask, then sandbox');
  assert.equal(
    decide({ approvalPolicy: 'never', argv: script('ls && rm -f x') }),
    "`bash -lc 'ls && rm -f x'` rejected: blocked by policy",
  );
});

test('a script that is more than words is one unknown command', () => {
  for (const text of ['ls > x', 'ls $(pwd)', 'ls &', 'rm -rf x > y']) {
    assert.equal(decide({ argv: script(text) }), 'sandbox', text);
    assert.equal(decide({ approvalPolicy: 'untrusted', argv: script(text) }), 'ask, then sandbox', text);
  }
});

test('escapes and braces do not make a command safe', () => {
  const untrusted = { approvalPolicy: 'untrusted' } as const;
  for (const text of ['find . -d\\elete', 'find . {-delete,-name}', 'ls && find . -d\\elete', 'rg --p\\re=x y']) {
    assert.equal(decide({ ...untrusted, argv: script(text) }), 'ask, then sandbox', text);
  }
  assert.equal(decide({ argv: script('make && rm \\-rf x') }), 'ask, then sandbox');
  assert.equal(decide({ ...untrusted, argv: script('ls a\\ b *.{ts,js}') }), 'sandbox');
});

const FORBID = 'prefix_rule(["make"], "forbidden", justification = "no builds")\n';

test('a forbidding rule refuses under every policy, with its reason', () => {
  for (const approvalPolicy of ['untrusted', 'on-failure', 'on-request', 'never'] as const) {
    for (const sandboxPolicy of ALL) {
      assert.equal(
        decide({ argv: ['make', 'all'], approvalPolicy, sandboxPolicy }, FORBID),
        '`make all` rejected: no builds',
      );
    }
  }
  assert.equal(decide({ argv: script('ls && make') }, FORBID), "`bash -lc 'ls && make'` rejected: no builds");
});

test('without a reason the refusal names the prefix, the longest one', () => {
  const rules = 'prefix_rule(["git"], "forbidden")\nprefix_rule(["git", "push"], "forbidden")\n';
  assert.equal(
    decide({ argv: ['git', 'push', 'a b'] }, rules),
    "`git push 'a b'` rejected: policy forbids commands starting with `git push`",
  );
});

test('of two reasons for the same prefix the later rule’s counts', () => {
  const rules = `${FORBID}prefix_rule(["make"], "forbidden", justification = "really not")\n`;
  assert.equal(decide({}, rules), '`make` rejected: really not');
});

test('a prompting rule asks with its reason, before the model’s own', () => {
  const ask = (rules: string): CommandDecision =>
    decideCommand(question({ argv: ['ls', 'x'], justification: 'please', offeredPrefix: ['ls'] }, rules));
  assert.deepEqual(ask('prefix_rule(["ls"], "prompt")'), {
    kind: 'ask',
    reason: '`ls x` requires approval by policy',
    amendment: null,
    where: 'sandbox',
  });
  assert.deepEqual(ask('prefix_rule(["ls"], "prompt", justification = "secrets")'), {
    kind: 'ask',
    reason: '`ls x` requires approval: secrets',
    amendment: null,
    where: 'sandbox',
  });
});

test('a prompting rule refuses where nobody may be asked', () => {
  for (const sandboxPolicy of ALL) {
    const message = decide({ approvalPolicy: 'never', sandboxPolicy }, 'prefix_rule(["make"], "prompt")');
    assert.match(message, /approval is required by policy.*`AskForApproval`.*`Never`/);
  }
});

const ALLOW = 'prefix_rule(["make"])\n';

test('an allowing rule runs the command unasked and outside the sandbox', () => {
  for (const approvalPolicy of ['untrusted', 'on-failure', 'on-request', 'never'] as const) {
    for (const sandboxPolicy of ALL) assert.equal(decide({ approvalPolicy, sandboxPolicy }, ALLOW), 'direct');
  }
  assert.equal(decide({ argv: ['rm', '-rf', 'x'], approvalPolicy: 'never' }, 'prefix_rule(["rm"])'), 'direct');
  assert.equal(decide({ escalated: true }, ALLOW), 'direct');
  assert.equal(decide({ argv: script('make; make x') }, ALLOW), 'direct');
});

test('an allowing rule does not carry the rest of the script with it', () => {
  assert.equal(decide({ argv: script('make && rm -rf x') }, ALLOW), 'ask, then sandbox');
  assert.equal(decide({ argv: script('make && other') }, ALLOW), 'sandbox');
  assert.equal(decide({ argv: script('make && other'), approvalPolicy: 'untrusted' }, ALLOW), 'ask, then sandbox');
  // That a command is known to be safe opens no way out either.
  for (const text of ['ls && make', 'make; ls', 'make | head', 'git status && make']) {
    for (const approvalPolicy of ['on-failure', 'on-request', 'never'] as const) {
      assert.equal(decide({ argv: script(text), approvalPolicy }, ALLOW), 'sandbox', text);
    }
    assert.equal(decide({ argv: script(text), escalated: true }, ALLOW), 'ask, then direct', text);
  }
  assert.equal(decide({ argv: script('ls && make'), approvalPolicy: 'untrusted' }, ALLOW), 'sandbox');
  assert.equal(decide({ argv: script('git status && make'), approvalPolicy: 'untrusted' }, ALLOW), 'ask, then sandbox');
});

test('a change of folder is nothing that a rule has to allow, unless it decides what a name stands for', () => {
  assert.equal(decide({ argv: script('cd x && make') }, ALLOW), 'direct');
  assert.equal(decide({ argv: script('cd x && make'), escalated: true }, ALLOW), 'direct');
  assert.equal(decide({ argv: script('cd x && ./make') }, 'prefix_rule(["./make"])'), 'sandbox');
  assert.equal(decide({ argv: ['./make'] }, 'prefix_rule(["./make"])'), 'direct');
  assert.equal(decide({ argv: script('cd x && cd y') }, ALLOW), 'sandbox');
  assert.equal(decide({ argv: script('cd x && make') }, `${ALLOW}prefix_rule(["cd"], "prompt")`), 'ask, then sandbox');
});

test('an allowing rule speaks for a name only where commands of the turn have no say in what it is', () => {
  const places = { isSystem: () => false, isOutOfReach: (name: string) => name !== 'make', isHomeOutOfReach: true };
  for (const argv of [['make'], script('make')]) {
    assert.equal(decide({ argv, places }, ALLOW), 'sandbox');
    assert.equal(decide({ argv, places, escalated: true }, ALLOW), 'ask, then direct');
  }
});

test('a shell that reads files of a home that commands may write to stays inside', () => {
  const places = { isSystem: () => true, isOutOfReach: () => true, isHomeOutOfReach: false };
  for (const argv of [script('make'), ['sh', '-lc', 'make'], ['/opt/me/zsh', '-c', 'make']]) {
    assert.equal(decide({ argv, places }, ALLOW), 'sandbox');
    assert.equal(decide({ argv, places, escalated: true }, ALLOW), 'ask, then direct');
  }
  for (const argv of [['make'], ['bash', '-c', 'make']]) assert.equal(decide({ argv, places }, ALLOW), 'direct');
});

test('what a shell that is none of the system’s runs is one command, and what must not run does not run there either', () => {
  const rules = `${ALLOW}prefix_rule(["rm"], "forbidden")\nprefix_rule(["ls"], "prompt")`;
  for (const shell of ['./bash', '/work/sh', 'bash.x']) {
    assert.equal(decide({ argv: [shell, '-lc', 'make'] }, rules), 'sandbox');
    assert.match(decide({ argv: [shell, '-lc', 'rm x'] }, rules), /rejected/);
    assert.equal(decide({ argv: [shell, '-lc', 'ls'] }, rules), 'ask, then sandbox');
  }
  for (const shell of ['bash', '/bin/sh', '/opt/me/zsh']) {
    assert.equal(decide({ argv: [shell, '-lc', 'make'] }, rules), 'direct');
  }
});

test('a spelling keeps no command from a rule that asks or forbids', () => {
  assert.match(decide({ argv: script('m\\ake all') }, FORBID), /rejected: no builds/);
  assert.equal(decide({ argv: script('m\\ake') }, 'prefix_rule(["make"], "prompt")'), 'ask, then sandbox');
  assert.equal(decide({ argv: script('m\\ake') }, ALLOW), 'sandbox');
});

test('git reads unasked where it can only read', () => {
  const status = { argv: ['git', 'status'], approvalPolicy: 'untrusted' } as const;
  for (const sandboxPolicy of CONFINED) assert.equal(decide({ ...status, sandboxPolicy }), 'readOnly');
  for (const sandboxPolicy of DIRECT) {
    assert.equal(decide({ ...status, sandboxPolicy }), 'readOnly');
    assert.equal(decide({ ...status, sandboxPolicy, canConfine: false }), 'ask, then direct');
  }
  // Where everything runs unasked it runs like everything.
  assert.equal(decide({ ...status, approvalPolicy: 'on-request' }), 'sandbox');
  assert.equal(decide({ ...status, approvalPolicy: 'never', sandboxPolicy: FULL }), 'direct');
});

test('outside of a sandbox only programs of the system are safe', () => {
  const places = { isSystem: (name: string) => name !== 'ls', isOutOfReach: () => true, isHomeOutOfReach: true };
  const untrusted = { approvalPolicy: 'untrusted', places } as const;
  assert.equal(decide({ ...untrusted, argv: ['ls'], sandboxPolicy: FULL }), 'ask, then direct');
  assert.equal(decide({ ...untrusted, argv: script('pwd && ls'), sandboxPolicy: FULL }), 'ask, then direct');
  assert.equal(decide({ ...untrusted, argv: script('cd x && pwd'), sandboxPolicy: FULL }), 'direct');
  assert.equal(decide({ ...untrusted, argv: ['ls'] }), 'sandbox');
});

test('rules combine: forbidden before prompt before allow', () => {
  const both = 'prefix_rule(["make"])\nprefix_rule(["make", "all"], "prompt")\n';
  assert.equal(decide({}, both), 'direct');
  assert.equal(decide({ argv: ['make', 'all'] }, both), 'ask, then sandbox');
  assert.match(decide({ argv: ['make', 'all'] }, both + FORBID), /rejected: no builds/);
  assert.match(
    decide({ argv: script('make all && ls') }, `${both}prefix_rule(["ls"], "forbidden")`),
    /starting with `ls`/,
  );
});

test('a rule fits the program as it is written', () => {
  assert.equal(decide({ argv: ['/usr/bin/make'] }, ALLOW), 'sandbox');
});

const amendment = (more: Partial<CommandQuestion>, rules = ''): readonly string[] | null => {
  const decision = decideCommand(question({ approvalPolicy: 'untrusted', ...more }, rules));
  return decision.kind === 'ask' ? decision.amendment : assert.fail(`not asked: ${told(decision)}`);
};

test('a question offers to allow the first command that needed it', () => {
  assert.deepEqual(amendment({ argv: ['make', 'all'] }), ['make', 'all']);
  assert.deepEqual(amendment({ argv: script('cd x && make all && other') }), ['make', 'all']);
  assert.deepEqual(amendment({ argv: script('make && other') }, ALLOW), ['other']);
  assert.deepEqual(amendment({ argv: script('make > log') }), ['bash', '-lc', 'make > log']);
});

test('a prefix that the model offers takes its place, unless it is empty', () => {
  assert.deepEqual(amendment({ argv: ['make', 'all'], offeredPrefix: ['make'] }), ['make']);
  assert.deepEqual(amendment({ argv: ['make', 'all'], offeredPrefix: [] }), ['make', 'all']);
});

test('nothing is offered where a rule prompts, or where rules are off', () => {
  assert.equal(amendment({ offeredPrefix: ['x'] }, 'prefix_rule(["make"], "prompt")'), null);
  assert.equal(amendment({ argv: script('other && make') }, 'prefix_rule(["make"], "prompt")'), null);
  assert.equal(amendment({ offeredPrefix: ['x'], amendable: false }), null);
});

test('the model’s justification is the reason where no rule prompts', () => {
  const decision = decideCommand(question({ escalated: true, justification: 'for the net' }));
  assert.equal(decision.kind === 'ask' && decision.reason, 'for the net');
});

test('the question after a denied attempt offers the first command of the script', () => {
  const retry = (more: Partial<CommandQuestion>, rules = ''): readonly string[] | null =>
    retryAmendment(question({ approvalPolicy: 'on-failure', ...more }, rules));
  assert.deepEqual(retry({ argv: script('cd x && make') }), ['cd', 'x']);
  assert.deepEqual(retry({ argv: ['make', 'all'], offeredPrefix: ['make'] }), ['make', 'all']);
  assert.deepEqual(retry({ argv: script('make > log') }), ['bash', '-lc', 'make > log']);
  assert.equal(retry({ argv: script('cd x && make') }, ALLOW), null);
  assert.equal(retry({ amendable: false }), null);
});
