/** The model list on the wire. */
import { type KnownModels, listModels } from '../models/known.ts';
import type { HandlerTable } from '../rpc/application.ts';

export interface ModelHandlerDeps {
  readonly models: () => Promise<{ readonly known: KnownModels; readonly signedIn: boolean }>;
}

export function modelHandlers({ models }: ModelHandlerDeps): Pick<HandlerTable, 'model/list'> {
  return {
    'model/list': async (params) => {
      const { known, signedIn } = await models();
      return listModels(known, signedIn, params);
    },
  };
}
