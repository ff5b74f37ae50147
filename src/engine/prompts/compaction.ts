/** Prompts around compaction. The words are ours. */

/** Asks the model for the summary that replaces the history; `compact_prompt` in the configuration replaces it. */
export const COMPACTION_PROMPT = `The conversation has grown too long to continue as it is. Write a hand-over for whoever continues this work without having seen it.

Cover, briefly and concretely:
- what the user wants, with every constraint and preference they stated;
- what has been done so far and the decisions taken, with their reasons;
- the state of things now: files that matter, commands worth repeating, results, open errors;
- what remains to be done, in order.

Give names, paths and numbers exactly. Leave out pleasantries and anything that no longer matters.`;

/** Stands before the summary in the new history, so that the model knows what it reads. */
export const SUMMARY_PREFIX =
  'The earlier part of this conversation was replaced by the following hand-over, written by the assistant that did the work. Continue from it and do not repeat what it says is done.';

/** Follows a compaction, for clients that show warnings. */
export const COMPACTION_WARNING =
  'Heads up: a long thread that has been compacted several times gets less exact. Starting a new thread for a new task helps.';

/** What an interrupted turn leaves in the history, so that the model does not assume its work was finished. */
export const ABORT_MARKER =
  '<turn_aborted>\nThe user stopped this turn on purpose. Commands that were running may have been cut off part way: check the state of things before repeating or relying on them.\n</turn_aborted>';
