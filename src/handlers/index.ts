/** Joins the areas into the table that the router wants. A method that is neither here nor listed as not built does not compile. */
import { recordOf } from '../base/records.ts';
import type { ApplicationMethod, HandlerTable } from '../rpc/application.ts';
import { internalError } from '../rpc/errors.ts';
import { type AccountHandlerDeps, accountHandlers } from './account.ts';
import { legacyAuthHandlers } from './legacy/auth.ts';
import { type ConversationListDeps, conversationListHandlers } from './legacy/conversation-lists.ts';
import { type ConversationTurnDeps, conversationTurnHandlers } from './legacy/conversation-turns.ts';
import { type ConversationHandlerDeps, conversationHandlers } from './legacy/conversations.ts';
import { miscHandlers } from './legacy/misc.ts';
import { type SavedConfigDeps, savedConfigHandlers } from './legacy/saved-config.ts';
import { type ModelHandlerDeps, modelHandlers } from './models.ts';
import { NOT_BUILT } from './not-built.ts';
import { type SearchHandlerDeps, searchHandlers } from './search.ts';
import { type SkillHandlerDeps, skillHandlers } from './skills.ts';
import { type ThreadChangeDeps, threadChangeHandlers } from './thread-changes.ts';
import { type ThreadHandlerDeps, threadHandlers } from './threads.ts';
import { type TurnHandlerDeps, turnHandlers } from './turns.ts';

export type HandlerDeps = AccountHandlerDeps &
  ConversationHandlerDeps &
  ConversationListDeps &
  ConversationTurnDeps &
  ModelHandlerDeps &
  SavedConfigDeps &
  SearchHandlerDeps &
  SkillHandlerDeps &
  ThreadChangeDeps &
  ThreadHandlerDeps &
  TurnHandlerDeps;

type NotBuilt = (typeof NOT_BUILT)[number];
/** A method is answered or listed as not built, never both. */
type Built = Pick<HandlerTable, Exclude<ApplicationMethod, NotBuilt>> & { readonly [M in NotBuilt]?: never };

/** The whole table. */
export function handlerTable(deps: HandlerDeps): HandlerTable {
  const built: Built = {
    ...accountHandlers(deps),
    ...legacyAuthHandlers(deps),
    ...modelHandlers(deps),
    ...searchHandlers(deps),
    ...skillHandlers(deps),
    ...threadChangeHandlers(deps),
    ...threadHandlers(deps),
    ...turnHandlers(deps),
    ...conversationHandlers(deps),
    ...conversationListHandlers(deps),
    ...conversationTurnHandlers(deps),
    ...miscHandlers(),
    ...savedConfigHandlers(deps),
  };
  return { ...built, ...notBuilt() };
}

const notBuilt = (): Pick<HandlerTable, NotBuilt> =>
  recordOf(NOT_BUILT, (method) => (): never => {
    throw internalError(`not supported yet: ${method}`);
  });
