/** The messages that set a thread up: what it may do, what the user's files say, where it is. Pure. */
import type { EffectiveConfig } from '../contract/effective-config.ts';
import { modelInstructions, type TurnSettings } from '../contract/turn-settings.ts';
import type { ExecPolicy } from '../execpolicy/policy.ts';
import type { ResponseItem } from '../protocol/response-items.ts';
import {
  agentsMessage,
  collaborationMessage,
  environmentMessage,
  permissionsMessage,
  personalityMessage,
  textMessage,
} from './messages.ts';

export interface ContextSource {
  readonly config: EffectiveConfig;
  readonly policy: ExecPolicy;
  readonly baseInstructions: string;
  readonly userInstructions: string | null;
  readonly services: { readonly shell: { readonly kind: string } };
}

/** In the order models were trained to see; what has nothing to say is left out. */
export function initialContext(settings: TurnSettings, source: ContextSource): ResponseItem[] {
  const { config, userInstructions } = source;
  const items: (ResponseItem | null)[] = [
    permissionsMessage(settings, source.policy.allowedPrefixes()),
    config.developerInstructions === null ? null : textMessage('developer', config.developerInstructions),
    collaborationMessage(settings),
    speaksFor(settings, source) ? null : personalityMessage(settings, settings.personality),
    userInstructions === null ? null : agentsMessage(config.cwd, userInstructions),
    environmentMessage(settings.cwd, source.services.shell.kind),
  ];
  return items.filter((item) => item !== null);
}

/** Whether the instructions are the model's own and were written for the personality already. */
const speaksFor = (settings: TurnSettings, { baseInstructions }: ContextSource): boolean =>
  baseInstructions === modelInstructions(settings);
