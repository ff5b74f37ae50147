/**
 * The handshake. In: the client's name, version and wishes. Out: the user agent. The one method that is answered before the
 * rest of the server is loaded, so it is imported by main.ts and not through the table.
 */

import { isHeaderValue } from '../identity/header-value.ts';
import type { IdentitySource } from '../identity/identity.ts';
import { type InitializeParams, type InitializeResponse, initialize } from '../protocol/initialize.ts';
import { decodeParams } from '../protocol/schema/issues.ts';
import type { ClientState } from '../rpc/client-state.ts';
import { invalidRequest } from '../rpc/errors.ts';

export interface InitializeDeps {
  readonly client: ClientState;
  readonly identity: IdentitySource;
}

/** Throws RpcError for params that do not fit. */
export function decodeInitialize(params: unknown): InitializeParams {
  const decoded = decodeParams(initialize, params);
  if (!decoded.ok) throw invalidRequest(decoded.message);
  return decoded.value;
}

/** Makes the client known. Throws RpcError for a name that no HTTP header can hold; the client may then try again. */
export async function acceptClient(deps: InitializeDeps, params: InitializeParams): Promise<InitializeResponse> {
  const { name, version } = params.clientInfo;
  if (!isHeaderValue(name)) {
    throw invalidRequest(`Invalid clientInfo.name: '${name}'. Must be a valid HTTP header value.`);
  }
  const identity = await deps.identity.of({ name, version });
  const optOut = params.capabilities?.optOutNotificationMethods ?? [];
  deps.client.accept({ name, version, identity, optOut });
  return { userAgent: identity.userAgent };
}
