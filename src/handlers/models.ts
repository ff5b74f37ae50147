/** The model list on the wire. */
import { type KnownModels, listModels } from '../models/known.ts';
import { defineHandlers } from './define.ts';

export interface ModelHandlerDeps {
  readonly models: () => Promise<{ readonly known: KnownModels; readonly signedIn: boolean }>;
}

export function modelHandlers({ models }: ModelHandlerDeps) {
  return defineHandlers({
    'model/list': async (params) => {
      const { known, signedIn } = await models();
      return listModels(known, signedIn, params);
    },
  });
}
