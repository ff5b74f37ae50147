/**
 * Method and params of any request -> a decoded request, or an error with the text that clients match on. Loaded with
 * the first request after `initialize`, because it loads all declarations.
 */
import { type ClientRequestDeclaration, findClientRequest, unknownMethodMessage } from '../protocol/registry.ts';
import { decodeParams } from '../protocol/schema/issues.ts';
import type { ApplicationMethod } from './application.ts';
import { invalidRequest } from './errors.ts';
import type { RequestDecoder } from './router.ts';

/** The error for an unknown method quotes its name as the client wrote it. */
export const decoder: RequestDecoder = {
  decode: (method, params) => {
    const declaration = findClientRequest(method);
    if (declaration === undefined || !isApplicationMethod(declaration.method)) {
      throw invalidRequest(unknownMethodMessage(method));
    }
    const decoded = decodeParams<ClientRequestDeclaration>(declaration, params);
    if (!decoded.ok) throw invalidRequest(decoded.message);
    return { method: declaration.method, params: decoded.value };
  },
};

const isApplicationMethod = (method: ClientRequestDeclaration['method']): method is ApplicationMethod =>
  method !== 'initialize';
