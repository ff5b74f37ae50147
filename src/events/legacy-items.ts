/** Items in the older protocol's spelling. Pure. */
import type { EngineItem } from '../contract/engine-events.ts';
import type { UserInput } from '../protocol/items.ts';
import type { UserInput as LegacyInput } from '../protocol/legacy/core.ts';
import type { TurnItem } from '../protocol/legacy/event-types.ts';
import { textParts } from '../rollout/record.ts';
import { shifted } from '../rollout/stored-event.ts';

export function legacyItemOf(item: EngineItem): TurnItem {
  switch (item.type) {
    case 'userMessage':
      return { type: 'UserMessage', id: item.id, content: item.content.map(legacyInput) };
    case 'agentMessage':
      return { type: 'AgentMessage', id: item.id, content: textParts(item).map((text) => ({ type: 'Text', text })) };
    case 'plan':
      return { type: 'Plan', id: item.id, text: item.text };
    case 'reasoning':
      return { type: 'Reasoning', id: item.id, summary_text: [...item.summary], raw_content: [...item.content] };
    case 'webSearch':
      return { type: 'WebSearch', id: item.id, query: item.query, action: item.action };
    case 'contextCompaction':
      return { type: 'ContextCompaction', id: item.id };
  }
}

function legacyInput(input: UserInput): LegacyInput {
  switch (input.type) {
    case 'text': {
      const elements = (input.text_elements ?? []).map((element) => shifted(element, 0));
      return { type: 'text', text: input.text, text_elements: elements };
    }
    case 'image':
      return { type: 'image', image_url: input.url };
    case 'localImage':
      return { type: 'local_image', path: input.path };
    case 'skill':
    case 'mention':
      return input;
  }
}
