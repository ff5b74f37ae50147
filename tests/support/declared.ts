/** Holds lines of the server against the declarations of the protocol: what is declared is there, and nothing else. */
import { isDeepStrictEqual } from 'node:util';
import { EventMsg } from '../../src/protocol/legacy/events.ts';
import { LEGACY_PREFIX } from '../../src/protocol/outbound.ts';
import { allNotifications, allServerRequests, findClientRequest } from '../../src/protocol/registry.ts';
import { decode } from '../../src/protocol/schema/issues.ts';
import type { AnySchema } from '../../src/protocol/schema/schema.ts';
import type { WireMessage } from './raw-client.ts';

const OF_THE_SERVER: ReadonlyMap<string, AnySchema> = new Map(
  [...allNotifications, ...allServerRequests].map(({ method, params }): [string, AnySchema] => [method, params]),
);

/** What a message breaks, in words; null when it is as declared. `asked`: the method that a reply answers, where known. */
export function breachOf({ method, params, result, error }: WireMessage, asked: string | undefined): string | null {
  if (method === undefined) {
    const declaration = asked === undefined || error !== undefined ? undefined : findClientRequest(asked);
    return declaration === undefined ? null : differs(`result of ${asked}`, declaration.result, result);
  }
  if (method.startsWith(LEGACY_PREFIX)) {
    if (params?.msg?.type !== method.slice(LEGACY_PREFIX.length)) return `${method} carries ${params?.msg?.type}`;
    return differs(method, EventMsg, params.msg);
  }
  const schema = OF_THE_SERVER.get(method);
  return schema === undefined ? `${method} is not declared` : differs(method, schema, params);
}

/** Decoding leaves out what is not declared and fills in what is: a value that it changes is not as declared. */
function differs(what: string, schema: AnySchema, value: unknown): string | null {
  const decoded = decode(schema, value);
  if (!decoded.ok) return `${what}: ${decoded.message}`;
  const place = differencePlace(value, JSON.parse(JSON.stringify(decoded.value)));
  return place === null ? null : `${what}: not as declared at ${place}`;
}

/** Messages of a stored thread are shown as its writer, maybe a later version, spelled them. */
const STORED = '.initialMessages';

/** The path to the first member that a value does not share with what is declared. */
function differencePlace(one: unknown, other: unknown, path = '$'): string | null {
  if (isDeepStrictEqual(one, other)) return null;
  if (path.includes(STORED)) return null;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return path;
  const [left, right] = [new Map(Object.entries(one)), new Map(Object.entries(other))];
  const key = [...left.keys(), ...right.keys()].find((each) => !isDeepStrictEqual(left.get(each), right.get(each)));
  return key === undefined ? path : differencePlace(left.get(key), right.get(key), `${path}.${key}`);
}
