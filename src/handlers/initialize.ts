/**
 * The handshake. In: the client's name, version and wishes. Out: the user agent. The one method that is answered before the
 * rest of the server is loaded, so it is imported by serve.ts and not through the table.
 */
import { isRecord } from '../base/json/schema.ts';
import { isHeaderValue } from '../identity/header-value.ts';
import type { IdentitySource } from '../identity/identity.ts';
import type { InitializeParams, InitializeResponse } from '../protocol/initialize.ts';
import type { ClientState } from '../rpc/client-state.ts';
import { invalidRequest } from '../rpc/errors.ts';

export interface InitializeDeps {
  readonly client: ClientState;
  readonly identity: IdentitySource;
}

/** Throws RpcError for params that do not fit. */
export async function decodeInitialize(params: unknown): Promise<InitializeParams> {
  return plainParams(params) ?? decodeByDeclaration(params);
}

/**
 * The declaration decides, and words the error. Loading the schema library costs `initialize` a tenth, so it is only
 * asked about params that are not plainly good.
 */
export async function decodeByDeclaration(params: unknown): Promise<InitializeParams> {
  const [{ initialize }, { decodeParams }] = await Promise.all([
    import('../protocol/initialize.ts'),
    import('../protocol/schema/issues.ts'),
  ]);
  const decoded = decodeParams(initialize, params);
  if (!decoded.ok) throw invalidRequest(decoded.message);
  return decoded.value;
}

/** What the declaration would make of params in the form that clients send; undefined when it takes a closer look. */
export function plainParams(params: unknown): InitializeParams | undefined {
  if (!isRecord(params) || !isRecord(params.clientInfo)) return undefined;
  const { name, title = null, version } = params.clientInfo;
  if (typeof name !== 'string' || typeof version !== 'string') return undefined;
  if (title !== null && typeof title !== 'string') return undefined;
  const clientInfo = { name, title, version };
  if (!('capabilities' in params)) return { clientInfo };
  const capabilities = plainCapabilities(params.capabilities);
  return capabilities === undefined ? undefined : { clientInfo, capabilities };
}

type Capabilities = Exclude<InitializeParams['capabilities'], undefined>;

function plainCapabilities(value: unknown): Capabilities | undefined {
  if (value === null) return null;
  if (!isRecord(value)) return undefined;
  const { experimentalApi, optOutNotificationMethods: optOut } = value;
  if (experimentalApi !== undefined && experimentalApi !== null && typeof experimentalApi !== 'boolean')
    return undefined;
  if (optOut !== undefined && optOut !== null && !isTexts(optOut)) return undefined;
  return {
    ...(experimentalApi === undefined ? {} : { experimentalApi }),
    ...(optOut === undefined ? {} : { optOutNotificationMethods: optOut }),
  };
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

/** Makes the client known. Throws RpcError for a name that no HTTP header can hold; the client may then try again. */
export function acceptClient(deps: InitializeDeps, params: InitializeParams): InitializeResponse {
  const { name, version } = params.clientInfo;
  if (!isHeaderValue(name)) {
    throw invalidRequest(`Invalid clientInfo.name: '${name}'. Must be a valid HTTP header value.`);
  }
  const identity = deps.identity.of({ name, version });
  const optOut = params.capabilities?.optOutNotificationMethods ?? [];
  deps.client.accept({ name, version, identity, optOut });
  void deps.identity.asked({ name, version }).then((asked) => deps.client.identify(asked));
  return { userAgent: identity.userAgent };
}
