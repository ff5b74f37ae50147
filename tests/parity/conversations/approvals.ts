/** Approvals: every policy against every sandbox, every answer. */
import { applyPatch, calls, says, shell, shellCommand } from '../../support/model-events.ts';
import { type Reply, status, stream } from '../../support/model-server.ts';
import type { Conversation } from '../support/compare.ts';
import { both, dropTurnContexts, dropUsage, hideTexts, type Mask } from '../support/masks.ts';
import type { Loose, Session } from '../support/session.ts';

/** Whole sentences are worded anew; the end of a cancelled command is told by the answer or the interrupt, by luck. */
const REFUSAL =
  /^(approval policy is|patch rejected: |exec command rejected by user|Wall time: \S+ seconds\naborted by user)/;
const hideRefusals = both(dropTurnContexts, hideTexts(REFUSAL));
/** That of a cancelled patch too, in the reference. */
const hideCancelledPatch = hideTexts(/^(patch rejected by user$|aborted by user after )/);

/** What was accepted in the sandbox and stopped by it runs outside unasked, in the reference; so later questions have other numbers. */
const hideSecondQuestions: Mask = (block) => {
  const isDivided = /output_?delta/i.test(block.title); // by the question
  if (isDivided || JSON.stringify(block.value).includes('retry without sandbox?')) return null;
  return block.title.includes('requestApproval') ? { ...block, value: { ...block.value, id: '<number>' } } : block;
};

/** The reference does not say that an answer is no decision. */
const hideNoDecision = both(hideTexts(/^(?:patch|exec command) rejected by user(?::|$)/), (block) =>
  block.title.includes('codex/event/warning') || JSON.stringify(block.value).includes('"type":"warning"')
    ? null
    : block,
);

const COMMAND = 'item/commandExecution/requestApproval';
const PATCH = 'item/fileChange/requestApproval';

const add = (path: string): string => `*** Begin Patch\n*** Add File: ${path}\n+x\n*** End Patch\n`;

const answerAll = (s: Session, decision: Loose): void => {
  s.answer(COMMAND, () => ({ decision }));
  s.answer(PATCH, () => ({ decision }));
};

/** A turn per item; a turn that is given up leaves its second reply unused. */
const inTurns = async (s: Session, items: readonly Loose[], params: Loose = {}): Promise<void> => {
  let replies: Reply[] = [];
  s.model.route('POST', '/v1/responses', () => replies.shift() ?? status(500));
  const thread = await s.thread(params);
  for (const [at, item] of items.entries()) {
    replies = [stream(calls(item)), stream(says('done', `done-${at}`))];
    await s.turn(thread, `turn ${at}`);
  }
};

const PROBES = (s: Session): Loose[] => [
  shell('c1', ['ls']),
  shell('c2', ['bash', '-lc', 'echo x > written.txt']),
  shell('c3', ['rm', '-rf', 'nothing-here']),
  shellCommand('c4', 'cat written.txt && touch other'),
  shell('c5', ['touch', `${s.folder}/outside`], { sandbox_permissions: 'require_escalated', justification: 'because' }),
  applyPatch('p1', add('inside.txt')),
  applyPatch('p2', add(`${s.folder}/outside.txt`)),
  shell('c6', ['bash', '-lc', 'git reset --hard']),
];

const POLICIES = ['untrusted', 'on-failure', 'on-request', 'never'];
const SANDBOXES = ['read-only', 'workspace-write', 'danger-full-access'];

const matrix: Conversation[] = POLICIES.flatMap((approvalPolicy) =>
  SANDBOXES.map((sandboxMode) => ({
    name: `approval policy ${approvalPolicy} in sandbox ${sandboxMode}`,
    setUp: { approvalPolicy, sandboxMode, model: 'gpt-5.2-codex' },
    talk: async (s: Session) => {
      answerAll(s, 'accept');
      await inTurns(s, PROBES(s));
    },
    mask: approvalPolicy === 'untrusted' ? both(hideRefusals, hideSecondQuestions) : hideRefusals,
  })),
);

const DECISIONS: readonly Loose[] = [
  'acceptForSession',
  'decline',
  'cancel',
  'approved',
  { acceptWithExecpolicyAmendment: { execpolicy_amendment: ['touch', 'one'] } },
];

function maskOf(decision: Loose): Mask {
  if (decision === 'cancel') return both(dropUsage, both(hideRefusals, hideCancelledPatch));
  const isNone = decision === 'approved' || typeof decision === 'object';
  return isNone ? both(hideRefusals, hideNoDecision) : hideRefusals;
}

const answers: Conversation[] = DECISIONS.map((decision) => ({
  name: `the answer ${JSON.stringify(decision)} to commands and patches`,
  setUp: { approvalPolicy: 'untrusted', sandboxMode: 'workspace-write', model: 'gpt-5.2-codex' },
  talk: async (s: Session) => {
    answerAll(s, decision);
    await inTurns(s, [
      shell('c1', ['touch', 'one']),
      shell('c2', ['touch', 'one']),
      shellCommand('c3', 'touch one && touch two'),
      applyPatch('p1', add('three.txt')),
      applyPatch('p2', '*** Begin Patch\n*** Update File: three.txt\n@@\n-x\n+y\n*** End Patch\n'),
    ]);
  },
  mask: maskOf(decision),
}));

export const approvals: readonly Conversation[] = [
  ...matrix,
  ...answers,
  {
    name: 'rules of files: allowed, asked about, forbidden, with reasons',
    setUp: { approvalPolicy: 'on-request', sandboxMode: 'workspace-write' },
    prepare: (s) => {
      s.write(
        `${s.home}/rules/own.rules`,
        `prefix_rule(pattern = ["touch", ["a", "b"]], decision = "allow")
prefix_rule(pattern = ["touch", "c"], decision = "prompt", justification = "MARK-why")
prefix_rule(pattern = ["touch", "d"], decision = "forbidden", justification = "never d")
`,
      );
    },
    talk: async (s) => {
      answerAll(s, 'accept');
      const words = ['a', 'b', 'c', 'd', 'e'];
      await inTurns(s, [
        ...words.map((word) => shell(`c-${word}`, ['touch', word])),
        shellCommand('c-both', 'touch a && touch c'),
        shellCommand('c-bad', 'touch a; touch d'),
      ]);
    },
    mask: hideRefusals,
  },
  {
    name: 'policies and sandboxes that change between turns',
    setUp: { model: 'gpt-5.2-codex' },
    talk: async (s) => {
      answerAll(s, 'decline');
      const thread = await s.thread({ approvalPolicy: 'on-request', sandbox: 'read-only' });
      const settings: Loose[] = [
        {},
        { approvalPolicy: 'untrusted' },
        { sandboxPolicy: { type: 'workspaceWrite', writableRoots: [s.folder], networkAccess: true } },
        { sandboxPolicy: { type: 'workspaceWrite', excludeSlashTmp: true, excludeTmpdirEnvVar: true } },
        { approvalPolicy: 'never', sandboxPolicy: { type: 'externalSandbox', networkAccess: 'enabled' } },
        { sandboxPolicy: { type: 'dangerFullAccess' }, cwd: s.folder },
      ];
      for (const [at, change] of settings.entries()) {
        s.model.script(
          stream(
            calls(
              shell(`c${at}`, [
                'bash',
                '-c',
                `(echo ${at} > file-${at}) 2>/dev/null; echo $CODEX_SANDBOX_NETWORK_DISABLED`,
              ]),
            ),
          ),
          stream(says('done', `m${at}`)),
        );
        await s.turn(thread, `turn ${at}`, change);
      }
    },
    mask: hideRefusals,
  },
];
