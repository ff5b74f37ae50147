/** The developer message that tells the model what it may do. The words are ours; the names in it are the protocol's. */

import { hasNetwork } from '../../exec/environment.ts';
import type { AskForApproval, SandboxPolicy } from '../../protocol/policies.ts';

const SANDBOX_TEXT = {
  'read-only': 'You may read every file, but commands that write anywhere are stopped by the sandbox.',
  'workspace-write':
    'You may read every file and write inside the workspace and the other writable roots. Writes elsewhere are stopped by the sandbox.',
  'danger-full-access': 'Commands run without a sandbox: they can read and write every file that the user can.',
} as const;

const APPROVAL_NAME = {
  untrusted: 'unless-trusted',
  'on-failure': 'on-failure',
  'on-request': 'on-request',
  never: 'never',
} as const;

const APPROVAL_TEXT = {
  untrusted:
    'Only commands that are known to be harmless reads run by themselves. Every other command and every patch is put to the user first; that happens by itself, so simply make the call.',
  'on-failure':
    'Commands run inside the sandbox without questions. When the sandbox stops one, the user is asked whether it may run again without it; that happens by itself.',
  'on-request': '',
  never:
    'Nobody will be asked for anything, so never request escalated permissions. Work within the limits, try another way when one is closed, and report what could not be done.',
} as const;

const ESCALATION_TEXT = [
  'Commands run inside the sandbox. When one has to go beyond it, ask for that in the same tool call:',
  '- set `sandbox_permissions` to "require_escalated";',
  '- put one short question for the user into `justification`, saying what the command is for;',
  '- where similar commands will follow, offer a `prefix_rule`: the first words of the command that may run unasked from now on. Keep it narrow: never an interpreter, a shell, or a tool that deletes.',
  'Ask when a needed command failed because of the sandbox, when it needs the network, when it writes outside the writable roots, or when it could destroy something the user did not ask you to touch. Do not ask in a separate message first, and do not work around a refusal.',
].join('\n');

/** `sandbox_mode` as the model is told; an outer sandbox counts as full access here. */
const MODE_NAME: { readonly [T in SandboxPolicy['type']]: keyof typeof SANDBOX_TEXT } = {
  readOnly: 'read-only',
  workspaceWrite: 'workspace-write',
  externalSandbox: 'danger-full-access',
  dangerFullAccess: 'danger-full-access',
};

function approvalParagraph(policy: AskForApproval, approvedPrefixes: readonly (readonly string[])[]): string {
  const lead = `\`approval_policy\` is \`${APPROVAL_NAME[policy]}\`.`;
  if (policy !== 'on-request') return `${lead} ${APPROVAL_TEXT[policy]}`;
  const approved =
    approvedPrefixes.length === 0
      ? []
      : [
          'Commands that start with one of these run unasked:',
          ...approvedPrefixes.map((prefix) => `- ${JSON.stringify(prefix)}`),
        ];
  return [lead, ESCALATION_TEXT, ...approved].join('\n');
}

function rootsLine(policy: SandboxPolicy, cwd: string): string[] {
  if (policy.type !== 'workspaceWrite') return [];
  const roots = [...new Set([...(policy.writableRoots ?? []), cwd])].map((root) => `\`${root}\``);
  return [roots.length === 1 ? `The writable root is ${roots[0]}.` : `The writable roots are ${roots.join(', ')}.`];
}

/** One message for sandbox and approvals, sent at thread start and again whenever either changes. */
export function permissionsText(
  settings: { readonly sandboxPolicy: SandboxPolicy; readonly approvalPolicy: AskForApproval; readonly cwd: string },
  approvedPrefixes: readonly (readonly string[])[],
): string {
  const mode = MODE_NAME[settings.sandboxPolicy.type];
  const network = hasNetwork(settings.sandboxPolicy) ? 'enabled' : 'restricted';
  return [
    '<permissions instructions>',
    `\`sandbox_mode\` is \`${mode}\`. ${SANDBOX_TEXT[mode]} Network access is ${network}.`,
    approvalParagraph(settings.approvalPolicy, approvedPrefixes),
    ...rootsLine(settings.sandboxPolicy, settings.cwd),
    '</permissions instructions>',
  ].join('\n');
}
