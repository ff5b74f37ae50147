// A filter for the kernel that refuses network calls with "Operation not permitted", in the form that bubblewrap loads.
// Pairs of connected sockets inside one command go on working; so does everything else.

interface Machine {
  readonly auditArch: number;
  /** System calls refused outright. */
  readonly refused: readonly number[];
  /** Refused unless for the local kind of socket. */
  readonly socket: readonly number[];
  /** Refused when it names a destination. */
  readonly sendto: number;
  /** Numbers from here on belong to another calling convention. */
  readonly foreignFrom: number | null;
}

// The io_uring calls would do the refused work unseen. Numbers: asm/unistd_64.h and asm-generic/unistd.h of Linux.
const IO_URING = [425, 426, 427];

/** connect, accept, accept4, bind, listen, sendmmsg, recvmmsg, ptrace; then the rest. */
const MACHINES: Readonly<Partial<Record<NodeJS.Architecture, Machine>>> = {
  x64: {
    auditArch: 0xc000003e,
    refused: [42, 43, 288, 49, 50, 307, 299, 101, ...IO_URING],
    socket: [41, 53],
    sendto: 44,
    foreignFrom: 0x40000000,
  },
  arm64: {
    auditArch: 0xc00000b7,
    refused: [203, 202, 242, 200, 201, 269, 243, 117, ...IO_URING],
    socket: [198, 199],
    sendto: 206,
    foreignFrom: null,
  },
};

// Codes of linux/bpf_common.h, answers of linux/seccomp.h, offsets into struct seccomp_data.
const LOAD_WORD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_AT_LEAST = 0x35;
const RETURN = 0x06;
const ALLOW = 0x7fff0000;
const REFUSE_EPERM = 0x00050001;
const KILL_PROCESS = 0x80000000;
const AT_NUMBER = 0;
const AT_ARCH = 4;
const AT_ARG_0 = 16;
const AT_ARG_4 = 48;
const AF_UNIX = 1;

interface Instruction {
  readonly code: number;
  readonly value: number;
  /** Instructions to skip when a comparison holds; none otherwise. */
  readonly skip?: number;
}

const load = (value: number): Instruction => ({ code: LOAD_WORD, value });
const answer = (value: number): Instruction => ({ code: RETURN, value });
const skipIfEqual = (value: number, skip: number): Instruction => ({ code: JUMP_EQUAL, value, skip });

/** The filter for a kind of machine, null where none is known. */
export function networkFilter(arch: NodeJS.Architecture): Buffer | null {
  const machine = MACHINES[arch];
  if (machine === undefined) return null;
  const { auditArch, refused, socket, sendto, foreignFrom } = machine;
  const program: Instruction[] = [
    load(AT_ARCH),
    skipIfEqual(auditArch, 1),
    answer(KILL_PROCESS),
    load(AT_NUMBER),
    ...(foreignFrom === null ? [] : onlyBelow(foreignFrom)),
    ...refused.flatMap((call) => unless(call, [answer(REFUSE_EPERM)])),
    ...socket.flatMap((call) =>
      unless(call, [load(AT_ARG_0), skipIfEqual(AF_UNIX, 1), answer(REFUSE_EPERM), answer(ALLOW)]),
    ),
    ...unless(sendto, [
      load(AT_ARG_4),
      skipIfEqual(0, 1),
      answer(REFUSE_EPERM),
      load(AT_ARG_4 + 4),
      skipIfEqual(0, 1),
      answer(REFUSE_EPERM),
      answer(ALLOW),
    ]),
    answer(ALLOW),
  ];
  return encoded(program);
}

/** Runs `body`, which must end in an answer, only for this system call. */
function unless(call: number, body: readonly Instruction[]): Instruction[] {
  const [skipJump, jump] = [skipIfEqual(call, 1), { code: 0x05, value: body.length }];
  return [skipJump, jump, ...body];
}

const onlyBelow = (limit: number): Instruction[] => [
  { code: JUMP_AT_LEAST, value: limit, skip: 1 },
  { code: 0x05, value: 1 },
  answer(KILL_PROCESS),
];

/** struct sock_filter: code, jump if true, jump if false, value. */
function encoded(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(({ code, value, skip = 0 }, at) => {
    bytes.writeUInt16LE(code, at * 8);
    bytes.writeUInt8(skip, at * 8 + 2);
    bytes.writeUInt32LE(value, at * 8 + 4);
  });
  return bytes;
}
