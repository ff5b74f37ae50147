/** The shapes of the messages that the server itself puts into a model's history. Pure. */

import type { TurnSettings } from '../contract/turn-settings.ts';
import type { Personality } from '../protocol/policies.ts';
import type { ContentItem, ResponseItem } from '../protocol/response-items.ts';
import { permissionsText } from './prompts/permissions.ts';

export const textMessage = (role: 'user' | 'developer', text: string): ResponseItem =>
  message(role, [{ type: 'input_text', text }]);

export const message = (role: string, content: ContentItem[]): ResponseItem => ({ type: 'message', role, content });

export const permissionsMessage = (
  settings: TurnSettings,
  approvedPrefixes: readonly (readonly string[])[],
): ResponseItem => textMessage('developer', permissionsText(settings, approvedPrefixes));

export const environmentMessage = (cwd: string, shellName: string): ResponseItem =>
  textMessage(
    'user',
    `<environment_context>\n  <cwd>${cwd}</cwd>\n  <shell>${shellName}</shell>\n</environment_context>`,
  );

export const agentsMessage = (cwd: string, text: string): ResponseItem =>
  textMessage('user', `# AGENTS.md instructions for ${cwd}\n\n<INSTRUCTIONS>\n${text}\n</INSTRUCTIONS>`);

/** null when the mode has no instructions, or blank ones. */
export function collaborationMessage(settings: TurnSettings): ResponseItem | null {
  const instructions = settings.collaborationMode.settings.developer_instructions ?? '';
  if (instructions === '') return null;
  return textMessage('developer', `<collaboration_mode>${instructions}</collaboration_mode>`);
}

/** null when the model has no text for this personality. */
export function personalityMessage(settings: TurnSettings, personality: Personality): ResponseItem | null {
  const text = settings.profile.personalityMessages[personality];
  if (text === undefined) return null;
  return textMessage(
    'developer',
    `<personality_spec> From here on, write in this manner:\n${text} </personality_spec>`,
  );
}

export const skillMessage = (name: string, path: string, contents: string): ResponseItem =>
  textMessage('user', `<skill>\n<name>${name}</name>\n<path>${path}</path>\n${contents}\n</skill>`);

/** What a change of settings adds before the user's message: environment, permissions, collaboration, personality. */
export function changeMessages(
  before: TurnSettings,
  now: TurnSettings,
  shellName: string,
  approvedPrefixes: readonly (readonly string[])[],
): ResponseItem[] {
  const messages: (ResponseItem | null)[] = [];
  if (before.cwd !== now.cwd) messages.push(environmentMessage(now.cwd, shellName));
  const permissions = (settings: TurnSettings): string =>
    JSON.stringify([settings.approvalPolicy, canonical(settings.sandboxPolicy)]);
  if (permissions(before) !== permissions(now)) messages.push(permissionsMessage(now, approvedPrefixes));
  if (JSON.stringify(canonical(before.collaborationMode)) !== JSON.stringify(canonical(now.collaborationMode))) {
    messages.push(collaborationMessage(now));
  }
  if (before.personality !== now.personality) messages.push(personalityMessage(now, now.personality));
  return messages.filter((entry) => entry !== null);
}

/** Member order, and null against absent, say nothing about a record's meaning. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value ?? null;
  const entries = Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, canonical(member)]),
  );
}
