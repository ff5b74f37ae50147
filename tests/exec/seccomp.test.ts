import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemCallFilter } from '../../src/exec/seccomp.ts';

const ALLOWED = 0x7fff0000;
const REFUSED = 0x00050001;
const KILLED = 0x80000000;

interface Call {
  readonly number: number;
  readonly args?: readonly number[];
  readonly arch?: number;
}

/** What the kernel would answer: it runs the program over struct seccomp_data. */
function answerOf(filter: Buffer, { number, args = [], arch }: Call, own: number): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number, 0);
  data.writeUInt32LE(arch ?? own, 4);
  for (const [at, value] of args.entries()) data.writeBigUInt64LE(BigInt(value), 16 + at * 8);
  let accumulator = 0;
  for (let at = 0; at < filter.length / 8; at += 1) {
    const [code, ifTrue, ifFalse] = [
      filter.readUInt16LE(at * 8),
      filter.readUInt8(at * 8 + 2),
      filter.readUInt8(at * 8 + 3),
    ];
    const value = filter.readUInt32LE(at * 8 + 4);
    if (code === 0x06) return value;
    if (code === 0x20) accumulator = data.readUInt32LE(value);
    else if (code === 0x54) accumulator = (accumulator & value) >>> 0;
    else if (code === 0x05) at += value;
    else if (code === 0x15) at += accumulator === value ? ifTrue : ifFalse;
    else if (code === 0x35) at += accumulator >= value ? ifTrue : ifFalse;
    else assert.fail(`unknown instruction ${code}`);
  }
  return assert.fail('the program has no end');
}

const MACHINES = {
  x64: {
    arch: 0xc000003e,
    calls: {
      read: 0,
      socket: 41,
      socketpair: 53,
      connect: 42,
      sendto: 44,
      sendmsg: 46,
      ptrace: 101,
      writev: 311,
      keyctl: 250,
    },
  },
  arm64: {
    arch: 0xc00000b7,
    calls: {
      read: 63,
      socket: 198,
      socketpair: 199,
      connect: 203,
      sendto: 206,
      sendmsg: 211,
      ptrace: 117,
      writev: 271,
      keyctl: 219,
    },
  },
} as const;

/** `+` allowed, `-` refused: without network, with it. */
const ANSWERS: readonly [keyof (typeof MACHINES)['x64']['calls'], readonly number[], string][] = [
  ['read', [], '+ +'],
  ['socket', [1, 1, 0], '+ +'],
  ['socket', [1, 0o2004001, 0], '+ +'],
  ['socket', [1, 5, 0], '+ +'],
  ['socket', [1, 2, 0], '- +'],
  ['socket', [1, 3, 0], '- +'],
  ['socket', [1, 0o2000002, 0], '- +'],
  ['socket', [2, 1, 0], '- +'],
  ['socket', [10, 2, 0], '- +'],
  ['socket', [16, 3, 0], '- +'],
  ['socket', [40, 1, 0], '- -'],
  ['socketpair', [1, 1, 0], '+ +'],
  ['socketpair', [1, 2, 0], '- +'],
  ['socketpair', [1, 0o2000003, 0], '- +'],
  ['connect', [3, 4096, 110], '- +'],
  ['sendto', [3, 4096, 1, 0, 0, 0], '+ +'],
  ['sendto', [3, 4096, 1, 0, 4096, 16], '- +'],
  ['sendto', [3, 4096, 1, 0, 0x7f00000000, 16], '- +'],
  ['sendmsg', [3, 4096, 0], '+ +'],
  ['ptrace', [16, 1, 0, 0], '- -'],
  ['ptrace', [16, 7, 0, 0], '- +'],
  ['writev', [1, 4096, 1], '- -'],
  ['writev', [7, 4096, 1], '+ +'],
  ['keyctl', [0, 0], '- -'],
];

for (const [name, { arch, calls }] of Object.entries(MACHINES)) {
  test(`the filter of ${name} answers each call as it should`, () => {
    for (const [call, args, wanted] of ANSWERS) {
      const found = [false, true].map((network) => {
        const filter = systemCallFilter(name === 'x64' ? 'x64' : 'arm64', { network });
        assert.ok(filter !== null);
        const answer = answerOf(filter, { number: calls[call], args }, arch);
        assert.ok(answer === ALLOWED || answer === REFUSED);
        return answer === ALLOWED ? '+' : '-';
      });
      assert.equal(found.join(' '), wanted, `${call}(${args.join(', ')})`);
    }
  });
}

test('calls of another convention end the process', () => {
  const filter = systemCallFilter('x64', { network: true });
  assert.ok(filter !== null);
  assert.equal(answerOf(filter, { number: 0, arch: 0x40000003 }, 0), KILLED);
  assert.equal(answerOf(filter, { number: 0x40000000 + 41 }, MACHINES.x64.arch), KILLED);
  assert.equal(systemCallFilter('s390x', { network: false }), null);
});
