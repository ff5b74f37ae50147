/**
 * Method and params of any request -> a checked request, or the text that clients match on. Loaded with the first request
 * that is not `initialize`: it brings all declarations with it.
 */
import { type ClientRequestDeclaration, findClientRequest, unknownMethodMessage } from '../protocol/registry.ts';
import { decodeParams } from '../protocol/schema/issues.ts';
import type { ApplicationMethod } from './application.ts';
import { invalidRequest } from './errors.ts';
import type { Decoder } from './router.ts';

/** The unknown-method text names the method as the client wrote it, so clients can tell what is missing. */
export const decoder: Decoder = {
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
