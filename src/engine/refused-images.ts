/**
 * Images that the model service refuses, or that make a request too large for it. Such an image would spoil every later request of its thread, so a note takes
 * its place in what is sent, and in the stored thread. What the client was shown stays as it was.
 */
import type { ResponseItem } from '../protocol/response-items.ts';
import type { UpstreamFailure } from '../upstream/types.ts';
import type { History } from './history.ts';
import type { Recorder } from './recorder.ts';
import type { TurnState } from './turn-state.ts';

/** What the model reads in the image's place. */
const REFUSED_IMAGE =
  '[There was an image here. The model service refused it, so you cannot see it. Say so if it matters, and ask for it in another form.]';

/** Of the failures that a request without images may not meet, what the client is told. */
const NOTICES: { readonly [R in UpstreamFailure['reason']]?: string } = {
  invalidImage: 'The model service refused an image. The request is repeated without it.',
  tooLarge: 'The request was too large for the model service. It is repeated with fewer images.',
};

export interface RefusedImageDeps {
  readonly history: Pick<History, 'items' | 'replace'>;
  readonly recorder: Pick<Recorder, 'storeOnly' | 'storeAndEmit'>;
}

/**
 * Takes images out of the history: those that no answer of the model has followed yet, else all. False when the failure is
 * another one or none are left, so that whoever repeats a request ends. The client is told, since the model will not see
 * what the user sent.
 */
export function leaveOutRefusedImages(
  { history, recorder }: RefusedImageDeps,
  turn: TurnState,
  failure: UpstreamFailure,
): boolean {
  const { message, info, reason } = failure;
  const notice = NOTICES[reason];
  if (notice === undefined) return false;
  const items = withoutRefused(history.items);
  if (items === null) return false;
  history.replace(items);
  recorder.storeOnly([{ type: 'compacted', payload: { message: '', replacement_history: items } }]);
  recorder.storeAndEmit({
    kind: 'error',
    turnId: turn.id,
    willRetry: true,
    error: {
      message: notice,
      codexErrorInfo: info,
      additionalDetails: message,
    },
  });
  return true;
}

/** null when there is no image. */
function withoutRefused(items: readonly ResponseItem[]): ResponseItem[] | null {
  const answered = items.findLastIndex(isOfModel) + 1;
  const fresh = items.slice(answered).some(hasImage) ? answered : 0;
  if (!items.slice(fresh).some(hasImage)) return null;
  return items.map((item, index) => (index >= fresh && hasImage(item) ? withNotes(item) : item));
}

/** What the model said after it had seen all that stands before. */
function isOfModel(item: ResponseItem): boolean {
  switch (item.type) {
    case 'message':
      return item.role === 'assistant';
    case 'reasoning':
    case 'function_call':
    case 'custom_tool_call':
    case 'local_shell_call':
    case 'web_search_call':
      return true;
    case 'function_call_output':
    case 'custom_tool_call_output':
    case 'compaction':
    case 'ghost_snapshot':
    case 'other':
      return false;
  }
}

const hasImage = (item: ResponseItem): boolean => partsOf(item).some(({ type }) => type === 'input_image');

function partsOf(item: ResponseItem): readonly { readonly type: string }[] {
  if (item.type === 'message') return item.content;
  return item.type === 'function_call_output' && typeof item.output !== 'string' ? item.output : [];
}

const note = { type: 'input_text' as const, text: REFUSED_IMAGE };

function withNotes(item: ResponseItem): ResponseItem {
  if (item.type === 'message') {
    return { ...item, content: item.content.map((part) => (part.type === 'input_image' ? note : part)) };
  }
  if (item.type !== 'function_call_output' || typeof item.output === 'string') return item;
  return { ...item, output: item.output.map((part) => (part.type === 'input_image' ? note : part)) };
}
